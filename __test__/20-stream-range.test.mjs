// Parts of sealed streams, from every kind of source, and every kind of bad one.
import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { before, test } from 'node:test'
import { SessionFactory } from 'sealdiff'
import { openFactory, options, temporaryFolder } from './support/factory.mjs'
import { codeOf, through } from './support/streams.mjs'

const CHUNK = 16_384
const SEALED_CHUNK = CHUNK + 16
const START = 62
const LENGTH = 4 * CHUNK + 100
const place = { additionalData: 'place' }
const data = randomBytes(LENGTH)
let session
let sealed

before(async () => {
  const factory = await SessionFactory.open(options())
  session = factory.session('p1')
  sealed = await through(session.sealStream(place), data)
})

/** A source that notes what it was asked for. */
function recording(bytes) {
  const reads = []
  const source = async (start, end) => {
    reads.push([start, end])
    return bytes.subarray(start, end)
  }
  return { reads, source, withLength: { ...place, recordLength: bytes.length } }
}

test('random ranges are what the data has there', async () => {
  for (let round = 0; round < 200; round++) {
    const [start, end] = [randomInt(LENGTH + 1), randomInt(LENGTH + 1)].sort((a, b) => a - b)
    const part = await session.unsealRange(sealed, start, end, place)
    assert.ok(data.subarray(start, end).equals(part), `${start} to ${end}`)
  }
})

test('ranges at every border are what the data has there', async () => {
  const borders = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK - 1, 4 * CHUNK, LENGTH - 1, LENGTH]
  for (const start of borders) {
    for (const end of borders.filter((border) => border >= start)) {
      const part = await session.unsealRange(sealed, start, end, place)
      assert.ok(data.subarray(start, end).equals(part), `${start} to ${end}`)
    }
  }
})

test('streams of no data, and of whole chunks, have ranges too', async () => {
  for (const length of [0, 1, CHUNK, 2 * CHUNK]) {
    const whole = randomBytes(length)
    const stream = await through(session.sealStream(), whole)
    assert.deepEqual(await session.unsealRange(stream, 0, length), whole)
    assert.equal((await session.unsealRange(stream, length, length)).length, 0)
    assert.equal(await codeOf(session.unsealRange(stream, 0, length + 1)), 'ERR_INVALID_ARG_VALUE')
  }
})

test('a range of many megabytes comes in batches', async () => {
  const large = randomBytes(5_000_000)
  const stream = await through(session.sealStream(), large)
  const part = await session.unsealRange(stream, 17, 4_999_000)
  assert.ok(large.subarray(17, 4_999_000).equals(part))
})

test('files, blobs, bytes and functions are sources', async (t) => {
  const name = path.join(temporaryFolder(t), 'sealed')
  writeFileSync(name, sealed)
  const file = await open(name)
  t.after(() => file.close())
  const expected = data.subarray(20_000, 50_000)
  for (const source of [file, new Blob([sealed]), sealed, new Uint8Array(sealed)]) {
    assert.ok(expected.equals(await session.unsealRange(source, 20_000, 50_000, place)))
  }
  const { source, withLength } = recording(sealed)
  assert.ok(expected.equals(await session.unsealRange(source, 20_000, 50_000, withLength)))
  const sync = (start, end) => sealed.subarray(start, end)
  assert.ok(expected.equals(await session.unsealRange(sync, 20_000, 50_000, withLength)))
})

test('only the beginning, the last chunk and the chunks of the range are read', async () => {
  const { reads, source, withLength } = recording(sealed)
  await session.unsealRange(source, CHUNK + 5, CHUNK + 6, withLength)
  assert.deepEqual(reads, [
    [0, 94],
    [START + 4 * SEALED_CHUNK, sealed.length],
    [START + SEALED_CHUNK, START + 2 * SEALED_CHUNK],
  ])
  reads.length = 0
  await session.unsealRange(source, LENGTH - 5, LENGTH, withLength)
  assert.equal(reads.length, 2, 'the last chunk is not read twice')
})

test('a source that gives a few bytes at a time is asked for the rest', async () => {
  const slow = async (start, end) =>
    sealed.subarray(start, Math.min(end, start + 1 + (start % 977)))
  const withLength = { ...place, recordLength: sealed.length }
  const part = await session.unsealRange(slow, 100, 40_000, withLength)
  assert.ok(data.subarray(100, 40_000).equals(part))
})

test('a source that ends early, gives too much or something else is refused', async (t) => {
  const withLength = { ...place, recordLength: sealed.length }
  const from = (source) => codeOf(session.unsealRange(source, 0, 10, withLength))
  assert.equal(
    await from((start, end) => sealed.subarray(0, 200).subarray(start, end)),
    'ERR_RECORD_INVALID',
  )
  assert.equal(await from((start) => sealed.subarray(start)), 'ERR_INVALID_ARG_VALUE')
  for (const given of [undefined, null, 'text', 7, new ArrayBuffer(8), [1]]) {
    assert.equal(await from(async () => given), 'ERR_INVALID_ARG_TYPE')
  }
  const shared = new Uint8Array(new SharedArrayBuffer(94))
  assert.equal(await from((start, end) => shared.subarray(start, end)), 'ERR_INVALID_ARG_TYPE')
  const own = new Error('the bucket is gone')
  await assert.rejects(
    session.unsealRange(() => Promise.reject(own), 0, 10, withLength),
    own,
  )
  const thrower = () => {
    throw own
  }
  await assert.rejects(session.unsealRange(thrower, 0, 10, withLength), own)
  const file = await open(path.join(temporaryFolder(t), 'empty'), 'w+')
  t.after(() => file.close())
  assert.equal(await codeOf(session.unsealRange(file, 0, 0, place)), 'ERR_RECORD_INVALID')
})

test('bad ranges, sources and options have codes', async () => {
  const range = (...args) => codeOf(session.unsealRange(...args))
  for (const bad of [-1, 1.5, NaN, Infinity, 2 ** 60]) {
    assert.equal(await range(sealed, bad, 10, place), 'ERR_INVALID_ARG_VALUE')
    assert.equal(await range(sealed, 0, bad, place), 'ERR_INVALID_ARG_VALUE')
  }
  for (const bad of ['0', null, undefined, 1n]) {
    assert.equal(await range(sealed, bad, 10, place), 'ERR_INVALID_ARG_TYPE')
    assert.equal(await range(sealed, 0, bad, place), 'ERR_INVALID_ARG_TYPE')
  }
  assert.equal(await range(sealed, 11, 10, place), 'ERR_INVALID_ARG_VALUE')
  assert.equal(await range(sealed, 0, LENGTH + 1, place), 'ERR_INVALID_ARG_VALUE')
  for (const bad of ['sealed', 7, null, undefined, {}, new ArrayBuffer(100)]) {
    assert.equal(await range(bad, 0, 10, place), 'ERR_INVALID_ARG_TYPE')
  }
  const { source, withLength } = recording(sealed)
  assert.equal(await range(source, 0, 10, place), 'ERR_INVALID_ARG_VALUE')
  assert.equal(await range(sealed, 0, 10, withLength), 'ERR_INVALID_ARG_VALUE')
  assert.equal(await range(sealed, 0, 10, { encoding: 'utf8' }), 'ERR_INVALID_ARG_VALUE')
  assert.equal(await range(sealed, 0, 10, { recordLength: '100' }), 'ERR_INVALID_ARG_TYPE')
  assert.equal(await range(sealed, 0, 10, { additionalData: 7 }), 'ERR_INVALID_ARG_TYPE')
})

test('a length that is not the stream’s, cut off or grown, fails before anything comes out', async () => {
  const [start, end] = [0, 10]
  const lengths = [
    [sealed.length - 1, 'ERR_DECRYPT_FAILED'],
    [sealed.length + 1, 'ERR_DECRYPT_FAILED'],
    [START + SEALED_CHUNK + 16, 'ERR_DECRYPT_FAILED'],
    [START + 2 * SEALED_CHUNK - 1, 'ERR_DECRYPT_FAILED'],
    [START + 2 * SEALED_CHUNK, 'ERR_RECORD_INVALID'],
    [START + SEALED_CHUNK, 'ERR_RECORD_INVALID'],
    [START, 'ERR_RECORD_INVALID'],
    [10, 'ERR_RECORD_INVALID'],
    [0, 'ERR_RECORD_INVALID'],
  ]
  const grown = Buffer.concat([sealed, Buffer.alloc(100_000)])
  for (const [length, code] of lengths) {
    const { source } = recording(grown)
    const options = { ...place, recordLength: length }
    assert.equal(await codeOf(session.unsealRange(source, start, end, options)), code, `${length}`)
    assert.equal(
      await codeOf(session.unsealRange(grown.subarray(0, length), start, end, place)),
      code,
    )
  }
})

test('an altered chunk fails the ranges that touch it, and no others', async () => {
  const forged = Buffer.from(sealed)
  forged[START + SEALED_CHUNK + 10] ^= 1
  assert.ok(data.subarray(0, CHUNK).equals(await session.unsealRange(forged, 0, CHUNK, place)))
  assert.equal(await codeOf(session.unsealRange(forged, 0, CHUNK + 1, place)), 'ERR_DECRYPT_FAILED')
  const swapped = Buffer.from(sealed)
  sealed.copy(swapped, START, START + SEALED_CHUNK, START + 2 * SEALED_CHUNK)
  assert.equal(await codeOf(session.unsealRange(swapped, 0, 1, place)), 'ERR_DECRYPT_FAILED')
})

test('a range opens for its own place alone', async (t) => {
  assert.equal(await codeOf(session.unsealRange(sealed, 0, 1)), 'ERR_DECRYPT_FAILED')
  const other = await openFactory(t)
  await other.session('p1').warm()
  const code = await codeOf(other.session('p1').unsealRange(sealed, 0, 1, place))
  assert.ok(['ERR_DECRYPT_FAILED', 'ERR_KEY_NOT_FOUND'].includes(code), code)
  const record = await session.seal('data')
  assert.equal(await codeOf(session.unsealRange(record, 0, 1)), 'ERR_RECORD_INVALID')
})

test('an abort ends the wait for a source that never answers', async () => {
  const controller = new AbortController()
  const never = () => new Promise(() => {})
  const withSignal = { ...place, recordLength: sealed.length, signal: controller.signal }
  const outcome = session.unsealRange(never, 0, 1, withSignal)
  controller.abort('enough')
  await assert.rejects(outcome, { name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' })
  await assert.rejects(session.unsealRange(sealed, 0, 1, withSignal), {
    code: 'ERR_INVALID_ARG_VALUE',
  })
  const late = { ...place, signal: controller.signal }
  await assert.rejects(session.unsealRange(sealed, 0, 1, late), { code: 'ABORT_ERR' })
})

test('a source that fails after an abort is heard by nobody, and ends no process', async () => {
  const source = () => Promise.reject(new Error('too late'))
  const reading = session.unsealRange(source, 0, 1, {
    ...place,
    recordLength: sealed.length,
    signal: AbortSignal.abort(),
  })
  await assert.rejects(reading, { name: 'AbortError' })
  // An unhandled rejection would fail the test file.
  await new Promise((resolve) => setTimeout(resolve, 20))
})

test('a source may use one piece of memory for all that it gives', async () => {
  const scratch = Buffer.alloc(5000)
  const source = async (start, end) => {
    const length = Math.min(end - start, scratch.length)
    sealed.copy(scratch, 0, start, start + length)
    return scratch.subarray(0, length)
  }
  const range = await session.unsealRange(source, 100, 40_000, {
    ...place,
    recordLength: sealed.length,
  })
  assert.ok(range.equals(data.subarray(100, 40_000)))
})

test('a closed session reads no range', async (t) => {
  const factory = await openFactory(t)
  const closed = factory.session('p1')
  const stream = await through(closed.sealStream(), 'data')
  closed.close()
  assert.equal(await codeOf(closed.unsealRange(stream, 0, 1)), 'ERR_SESSION_CLOSED')
})
