// Sealed streams: any data in any pieces, through web streams and node:stream; what others wrote and read;
// everything that is not a whole stream.
import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import path from 'node:path'
import { Duplex, PassThrough, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'sealdiff'
import { TestMetastore } from 'sealdiff/testing'
import { MASTER_KEY, openFactory, temporaryFolder } from './support/factory.mjs'
import { keysOf } from './support/keys-by-hand.mjs'
import { codeOf, cut, streamOf, through } from './support/streams.mjs'
import { sealByHand, unsealByHand } from './support/streams-by-hand.mjs'

const CHUNK = 16_384
const SEALED_CHUNK = CHUNK + 16
const START = 62

async function openSession(t, options) {
  const factory = await openFactory(t, options)
  return factory.session('p1')
}

function sealedLength(length) {
  return START + length + 16 * (Math.floor(length / CHUNK) + 1)
}

test('data of every length near the borders of chunks comes back', async (t) => {
  const session = await openSession(t)
  for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7, 1 << 20]) {
    const data = randomBytes(length)
    const sealed = await through(session.sealStream(), data)
    assert.equal(sealed.length, sealedLength(length))
    assert.ok(data.equals(await through(session.unsealStream(), sealed)), `${length} bytes`)
  }
})

test('a chunk that shrinks while the key is loaded is refused, not cut', async (t) => {
  const metastore = new TestMetastore()
  const session = await openSession(t, { metastore })
  const { loadLatest } = metastore
  metastore.loadLatest = async (id) => {
    await sleep(50)
    return loadLatest.call(metastore, id)
  }
  const memory = new ArrayBuffer(1000, { maxByteLength: 1000 })
  const { readable, writable } = session.sealStream()
  const reading = readable.getReader().read()
  const writer = writable.getWriter()
  writer.closed.catch(() => {})
  const writing = writer.write(new Uint8Array(memory, 0, 1000))
  await sleep(10)
  memory.resize(400)
  assert.equal(await codeOf(reading), 'ERR_INVALID_ARG_TYPE')
  assert.equal(await codeOf(writing), 'ERR_INVALID_ARG_TYPE')
})

test('a stream that nothing was written to is a whole one', async (t) => {
  const session = await openSession(t)
  const sealed = await through(session.sealStream())
  assert.equal(sealed.length, sealedLength(0))
  assert.equal((await through(session.unsealStream(), sealed)).length, 0)
})

test('data in pieces of random lengths comes back, however it is cut', async (t) => {
  const session = await openSession(t)
  for (let round = 0; round < 30; round++) {
    const lengths = Array.from({ length: 8 }, () => randomInt(1, 2 ** randomInt(1, 18)))
    // Of the last length there may be many.
    lengths[0] += 1000
    lengths[7] += 1000
    const data = randomBytes(randomInt(0, 200_000))
    const what = `${data.length} bytes by ${lengths}`
    const sealed = await through(session.sealStream(), ...cut(data, ...lengths))
    assert.equal(sealed.length, sealedLength(data.length), what)
    const opened = await through(session.unsealStream(), ...cut(sealed, ...lengths.reverse()))
    assert.ok(data.equals(opened), what)
  }
})

test('chunks of no byte, of one byte and of 10 MiB are taken', async (t) => {
  const session = await openSession(t)
  const large = randomBytes(10 << 20)
  const chunks = [Buffer.alloc(0), large, Buffer.alloc(0), ...cut(randomBytes(300), 1)]
  const sealed = await through(session.sealStream(), ...chunks)
  const opened = through(session.unsealStream(), Buffer.alloc(0), ...cut(sealed, 1, 1, 1, 10 << 20))
  assert.ok(Buffer.concat(chunks).equals(await opened))
})

test('one byte after the other, from the header on', async (t) => {
  const session = await openSession(t)
  const data = randomBytes(100)
  const sealed = await through(session.sealStream(), ...cut(data, 1))
  assert.deepEqual(await through(session.unsealStream(), ...cut(sealed, 1)), data)
})

test('strings are sealed as UTF-8, and other chunks are refused', async (t) => {
  const session = await openSession(t)
  const sealed = await through(session.sealStream(), 'grüße ', new Uint8Array([65]), ' 𝄞')
  assert.equal((await through(session.unsealStream(), sealed)).toString(), 'grüße A 𝄞')
  for (const chunk of [42, null, {}, [1], new Uint16Array(2), new ArrayBuffer(2)]) {
    assert.equal(await codeOf(through(session.sealStream(), chunk)), 'ERR_INVALID_ARG_TYPE')
    assert.equal(await codeOf(through(session.unsealStream(), chunk)), 'ERR_INVALID_ARG_TYPE')
  }
  assert.equal(await codeOf(through(session.sealStream(), '\ud800')), 'ERR_INVALID_ARG_VALUE')
  assert.equal(await codeOf(through(session.unsealStream(), 'text')), 'ERR_INVALID_ARG_TYPE')
})

test('memory that another thread may change or that is gone is refused', async (t) => {
  const session = await openSession(t)
  const gone = new Uint8Array(8)
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  for (const chunk of [new Uint8Array(new SharedArrayBuffer(8)), gone]) {
    assert.equal(await codeOf(through(session.sealStream(), chunk)), 'ERR_INVALID_ARG_TYPE')
  }
})

test('a chunk that is taken away while it is sealed does not pass for a shorter one', async (t) => {
  const session = await openSession(t)
  await session.warm()
  const transform = session.sealStream()
  const chunk = new Uint8Array(5 << 20)
  const outcome = codeOf(buffer(transform.readable))
  const written = codeOf(transform.writable.getWriter().write(chunk))
  await new Promise(setImmediate)
  structuredClone(chunk.buffer, { transfer: [chunk.buffer] })
  assert.equal(await outcome, 'ERR_INVALID_ARG_TYPE')
  assert.equal(await written, 'ERR_INVALID_ARG_TYPE')
})

test('what the caller does to additional data afterwards does not matter', async (t) => {
  const session = await openSession(t)
  const place = Buffer.from('invoice-1')
  const transform = session.sealStream({ additionalData: place })
  place.fill(0)
  const sealed = await through(transform, 'data')
  const opened = await through(session.unsealStream({ additionalData: 'invoice-1' }), sealed)
  assert.equal(opened.toString(), 'data')
})

test('files go through pipeline of node:stream, in both directions', async (t) => {
  const session = await openSession(t)
  const file = (name) => path.join(temporaryFolder(t), name)
  const [plain, sealed, opened] = ['plain', 'sealed', 'opened'].map(file)
  const data = randomBytes(3_000_000)
  await pipeline(Readable.from([data]), createWriteStream(plain))
  await pipeline(createReadStream(plain), session.sealStream(), createWriteStream(sealed))
  await pipeline(createReadStream(sealed), session.unsealStream(), createWriteStream(opened))
  assert.ok(data.equals(readFileSync(opened)))
  assert.equal(readFileSync(sealed).length, sealedLength(data.length))
})

test('as Duplex.fromWeb, Readable.fromWeb and Writable.fromWeb they are streams of Node.js', async (t) => {
  const session = await openSession(t)
  const data = randomBytes(500_000)
  const sealing = Duplex.fromWeb(session.sealStream())
  const sealed = await buffer(Readable.from(cut(data, 7000)).pipe(sealing))
  const unsealing = session.unsealStream()
  const [opened] = await Promise.all([
    buffer(Readable.fromWeb(unsealing.readable)),
    pipeline(Readable.from(cut(sealed, 9000)), Writable.fromWeb(unsealing.writable)),
  ])
  assert.ok(data.equals(opened))
})

test('a failure in a pipeline of node:stream reaches its caller', async (t) => {
  const session = await openSession(t)
  const sealed = await through(session.sealStream(), randomBytes(100_000))
  sealed[50_000] ^= 1
  const failing = pipeline(
    Readable.from(cut(sealed, 5000)),
    session.unsealStream(),
    new PassThrough().resume(),
  )
  await assert.rejects(failing, { code: 'ERR_DECRYPT_FAILED', retryable: false })
})

test('back pressure: a reader that waits holds the writer up after a chunk or two', async (t) => {
  const session = await openSession(t)
  const { readable, writable } = session.sealStream()
  let written = 0
  const endless = (async function* () {
    for (;;) {
      written += 65_536
      yield randomBytes(65_536)
    }
  })()
  const controller = new AbortController()
  const piping = Readable.toWeb(Readable.from(endless, { highWaterMark: 1 }))
    .pipeTo(writable, { signal: controller.signal })
    .catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.ok(written <= 6 * 65_536, `${written} bytes were taken though nobody reads`)
  controller.abort()
  await readable.cancel().catch(() => {})
  await piping
})

test('an implementation by hand reads what we sealed, and we what it sealed', async (t) => {
  const file = path.join(temporaryFolder(t), 'keys.db')
  const session = await openSession(t, { metastore: `sqlite:${file}` })
  await session.warm()
  const place = { service: 'svc', product: 'prod', partition: 'p1' }
  place.ik = keysOf(file, MASTER_KEY).get('IK of p1')
  for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 100_000]) {
    const data = randomBytes(length)
    const sealed = await through(session.sealStream({ additionalData: 'place' }), data)
    assert.ok(data.equals(unsealByHand(place, sealed, 'place')), `ours, ${length} bytes`)
    const { keyCreated } = inspect(sealed)
    const theirs = sealByHand(place, keyCreated, data, 'place')
    const opened = await through(session.unsealStream({ additionalData: 'place' }), theirs)
    assert.ok(data.equals(opened), `theirs, ${length} bytes`)
  }
})

/** Opens a stream as far as it goes: what came out, and how it ended. */
async function openPart(session, stream) {
  const parts = []
  try {
    const opening = streamOf(...cut(stream, 10_000)).pipeThrough(session.unsealStream())
    for await (const part of opening) parts.push(part)
    return { code: 'no error', data: Buffer.concat(parts) }
  } catch ({ code }) {
    return { code, data: Buffer.concat(parts) }
  }
}

test('chunks missing, repeated, swapped, cut or extended end the stream, and only what was in its place came out', async (t) => {
  const session = await openSession(t)
  const data = randomBytes(3 * CHUNK)
  const sealed = await through(session.sealStream(), data)
  const head = sealed.subarray(0, START)
  const [first, second, third, last] = cut(sealed.subarray(START), SEALED_CHUNK)
  const failed = 'ERR_DECRYPT_FAILED'
  const invalid = 'ERR_RECORD_INVALID'
  const cases = [
    ['first missing', [second, third, last], failed, 0],
    ['middle missing', [first, third, last], failed, 1],
    ['last missing', [first, second, third], invalid, 3],
    ['last two missing', [first, second], invalid, 2],
    ['all missing', [], invalid, 0],
    ['repeated', [first, first, second, third, last], failed, 1],
    ['swapped', [second, first, third, last], failed, 0],
    ['cut', [first, second.subarray(0, 9000)], failed, 1],
    ['cut in the middle', [first, second.subarray(0, 9000), third, last], failed, 1],
    ['extended', [first, second, third, last, Buffer.of(0)], failed, 3],
    ['followed by another end', [first, second, third, last, last], failed, 3],
  ]
  for (const [name, chunks, code, whole] of cases) {
    const found = await openPart(session, Buffer.concat([head, ...chunks]))
    assert.equal(found.code, code, name)
    assert.ok(found.data.equals(data.subarray(0, found.data.length)), name)
    assert.ok(found.data.length <= whole * CHUNK, name)
  }
})

test('a flipped byte anywhere ends the stream', async (t) => {
  const session = await openSession(t)
  const sealed = await through(session.sealStream(), randomBytes(40))
  for (let at = 0; at < sealed.length; at++) {
    const forged = Buffer.from(sealed)
    forged[at] ^= 0x10
    const { code, data } = await openPart(session, forged)
    assert.notEqual(code, 'no error', `byte ${at}`)
    if (at >= 6) assert.equal(code, 'ERR_DECRYPT_FAILED', `byte ${at}`)
    assert.equal(data.length, 0)
  }
})

test('a stream opens for its own tenant, service and place alone', async (t) => {
  const file = path.join(temporaryFolder(t), 'keys.db')
  const metastore = `sqlite:${file}`
  const factory = await openFactory(t, { metastore })
  const sealed = await through(factory.session('p1').sealStream({ additionalData: 'a' }), 'data')
  await factory.session('p2').warm()
  const open = (session, additionalData) =>
    codeOf(through(session.unsealStream({ additionalData }), sealed))
  assert.equal(await open(factory.session('p1'), 'a'), 'no error')
  assert.equal(await open(factory.session('p1'), 'b'), 'ERR_DECRYPT_FAILED')
  assert.equal(await open(factory.session('p1')), 'ERR_DECRYPT_FAILED')
  assert.ok(
    ['ERR_DECRYPT_FAILED', 'ERR_KEY_NOT_FOUND'].includes(await open(factory.session('p2'), 'a')),
  )
})

test('a key that is not cached is loaded for a stream, and the stream waits', async (t) => {
  const metastore = `sqlite:${path.join(temporaryFolder(t), 'keys.db')}`
  const cold = async () => (await openFactory(t, { metastore })).session('p1')
  const sealed = await through((await cold()).sealStream(), randomBytes(50_000))
  const opened = await through((await cold()).unsealStream(), ...cut(sealed, 40, 1000))
  assert.equal(opened.length, 50_000)
})

test('a record is no stream and a stream no record; each says what it is', async (t) => {
  const session = await openSession(t)
  const sealed = await through(session.sealStream(), 'data')
  const code = 'ERR_RECORD_INVALID'
  await assert.rejects(session.unseal(sealed), { code, message: /it is a sealed stream/ })
  assert.throws(() => session.unsealSync(sealed), { code, message: /it is a sealed stream/ })
  await assert.rejects(session.reseal(sealed), { code, message: /it is a sealed stream/ })
  const record = await session.seal('data')
  await assert.rejects(through(session.unsealStream(), record), {
    code,
    message: /it is a sealed record/,
  })
  const json = Buffer.from(await session.encrypt('data'))
  await assert.rejects(through(session.unsealStream(), json), { code, message: /DataRowRecord/ })
  for (const short of [Buffer.alloc(0), sealed.subarray(0, 1), sealed.subarray(0, 61)]) {
    await assert.rejects(through(session.unsealStream(), short), { code, message: /truncated/ })
  }
})

test('inspect, isCurrent and warm know a stream by its beginning', async (t) => {
  const metastore = `sqlite:${path.join(temporaryFolder(t), 'keys.db')}`
  const session = await openSession(t, { metastore })
  const sealed = await through(session.sealStream(), randomBytes(100_000))
  const { keyCreated, ...rest } = inspect(sealed)
  const expected = { format: 'sealed-stream', version: 1, plaintextLength: 100_000 }
  assert.deepEqual(rest, { ...expected, recordLength: sealed.length })
  assert.ok(keyCreated > 1.7e9)
  assert.equal(inspect(sealed.subarray(0, 110)).keyCreated, keyCreated)
  assert.throws(() => inspect(sealed.subarray(0, 70)), { code: 'ERR_RECORD_INVALID' })
  assert.equal(await session.isCurrent(sealed.subarray(0, 38)), true)
  const cold = await openSession(t, { metastore })
  await cold.warm({ records: [sealed.subarray(0, 38)] })
  assert.equal((await through(cold.unsealStream(), sealed)).length, 100_000)
})

test('options are checked at once', async (t) => {
  const session = await openSession(t)
  for (const method of ['sealStream', 'unsealStream']) {
    const code = (options) => {
      try {
        return session[method](options)
      } catch (error) {
        return error.code
      }
    }
    assert.equal(code({ encoding: 'base64url' }), 'ERR_INVALID_ARG_VALUE')
    assert.equal(code({ additionalData: 1 }), 'ERR_INVALID_ARG_TYPE')
    assert.equal(
      code({ additionalData: new Uint8Array(new SharedArrayBuffer(1)) }),
      'ERR_INVALID_ARG_TYPE',
    )
    assert.equal(code({ signal: {} }), 'ERR_INVALID_ARG_TYPE')
    assert.equal(code('options'), 'ERR_INVALID_ARG_TYPE')
  }
})
