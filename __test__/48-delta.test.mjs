// Binary deltas: round trips, known answers, what is refused.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { Differ } from 'sealdiff'
import {
  coded,
  detach,
  notTexts,
  processorTimeOfHalfASecond,
  randomSource,
} from './support/diff.mjs'

const differ = new Differ()
const INVALID = 'ERR_INVALID_ARG_VALUE'
const TYPE = 'ERR_INVALID_ARG_TYPE'

/** Reproducible bytes without any pattern. */
function noise(length, seed = 1) {
  const random = randomSource(seed)
  return Buffer.from(Uint8Array.from({ length }, () => random(256)))
}

/** Makes and applies in both forms; gives the delta. */
async function roundTrip(oldBytes, newBytes, options) {
  const delta = differ.deltaSync(oldBytes, newBytes, options)
  assert.deepEqual(await differ.delta(oldBytes, newBytes, options), delta)
  assert.ok(Buffer.isBuffer(delta))
  const applied = [differ.applyDeltaSync(oldBytes, delta), await differ.applyDelta(oldBytes, delta)]
  for (const result of applied) {
    assert.ok(Buffer.isBuffer(result))
    assert.equal(Buffer.compare(result, newBytes), 0)
  }
  return delta
}

test('a delta leads from old to new, whatever the bytes', async () => {
  const bytes = noise(5000)
  const edited = Buffer.concat([
    bytes.subarray(2000),
    Buffer.from('moved'),
    bytes.subarray(0, 2000),
  ])
  assert.ok((await roundTrip(bytes, edited)).length < 120)
  await roundTrip(new Uint8Array(0), new Uint8Array(0))
  await roundTrip(new Uint8Array(0), bytes)
  await roundTrip(bytes, new Uint8Array(0))
  await roundTrip(bytes, bytes)
  for (const level of [1, 9, 19]) await roundTrip(bytes, edited, { level })
})

test('views of a part of a buffer are taken as they are', async () => {
  const bytes = new Uint8Array(noise(3000))
  await roundTrip(bytes.subarray(7, 2000), bytes.subarray(1001, 2999))
})

test('results of more than 16 MiB come in Buffers of their own', async () => {
  const half = noise(9 << 20)
  const both = Buffer.concat([half, half])
  const delta = await roundTrip(half, both)
  assert.ok(delta.length < 20_000)
  const incompressible = await roundTrip(new Uint8Array(0), noise(17 << 20))
  assert.ok(incompressible.length > 17 << 20)
})

const vectors = JSON.parse(readFileSync(new URL('../vectors/delta-v1.json', import.meta.url)))
const CODES = {
  invalid: 'ERR_DELTA_INVALID',
  mismatch: 'ERR_DELTA_MISMATCH',
  'too-large': 'ERR_DATA_TOO_LARGE',
}

suite('known answers', () => {
  for (const { name, error, ...hex } of vectors.cases) {
    test(`${name}${error ? ` is ${error}` : ''}`, async () => {
      const [oldBytes, delta] = [hex.old, hex.delta].map((digits) => Buffer.from(digits, 'hex'))
      if (error === undefined) {
        assert.equal(differ.applyDeltaSync(oldBytes, delta).toString('hex'), hex.new)
        assert.equal((await differ.applyDelta(oldBytes, delta)).toString('hex'), hex.new)
        return
      }
      assert.throws(() => differ.applyDeltaSync(oldBytes, delta), coded(CODES[error]))
      await assert.rejects(differ.applyDelta(oldBytes, delta), coded(CODES[error]))
    })
  }
})

suite('a result above maxOutputBytes', () => {
  const bomb = differ.deltaSync(new Uint8Array(0), new Uint8Array(1 << 20))
  const none = new Uint8Array(0)

  test('is refused, with the way out as a hint', async () => {
    assert.ok(bomb.length < 200)
    const refusal = (error) => {
      assert.match(error.message, /1048576 bytes, more than the limit of 1048575$/)
      assert.match(error.hint, /maxOutputBytes/)
      return coded('ERR_DATA_TOO_LARGE')(error)
    }
    const options = { maxOutputBytes: (1 << 20) - 1 }
    assert.throws(() => differ.applyDeltaSync(none, bomb, options), refusal)
    await assert.rejects(differ.applyDelta(none, bomb, options), refusal)
  })

  test('of exactly that many is given', () => {
    assert.equal(differ.applyDeltaSync(none, bomb, { maxOutputBytes: 1 << 20 }).length, 1 << 20)
    const empty = differ.deltaSync(none, none)
    assert.equal(differ.applyDeltaSync(none, empty, { maxOutputBytes: 0 }).length, 0)
  })
})

test('where there is no memory for a result, the process goes on', () => {
  const script = `
    const { Differ } = require(${JSON.stringify(new URL('../index.js', import.meta.url).pathname)})
    const differ = new Differ()
    const none = new Uint8Array(0)
    // A frame that is whole, and states two gigabytes: a block of one repeated byte for every 128 KiB.
    const length = 2 ** 31
    const block = Buffer.from([2 | (131072 << 3) & 0xff, (131072 << 3) >> 8 & 0xff, (131072 << 3) >> 16, 0])
    const blocks = Array.from({ length: length / 131072 }, () => Buffer.from(block))
    blocks.at(-1)[0] |= 1
    const size = Buffer.alloc(4)
    size.writeUInt32LE(length)
    const delta = Buffer.concat([
      differ.deltaSync(none, none).subarray(0, 28), Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size, ...blocks])
    delta.writeUInt32BE(length, 8)
    const code = ({ code }) => code
    const options = { maxOutputBytes: 2 ** 32 }
    let sync
    try { differ.applyDeltaSync(none, delta, options) } catch (error) { sync = error }
    differ.applyDelta(none, delta, options).catch((async) => {
      console.log(sync.code, sync.message, async.code, differ.applyDeltaSync(none, differ.deltaSync(none, Buffer.from('on'))).toString())
    })`
  // Node.js itself reserves some hundred megabytes of addresses.
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', 'ulimit -v 2500000 && exec "$0" -e "$1"', process.execPath, script],
    { encoding: 'utf8' },
  )
  assert.equal(status, 0, stderr)
  assert.equal(stdout.trim(), 'ERR_DATA_TOO_LARGE there is not enough memory ERR_DATA_TOO_LARGE on')
})

suite('what is no bytes is refused', () => {
  const bytes = Uint8Array.of(1)
  for (const [name, value] of Object.entries({ ...notTexts(), 'a string': 'text' })) {
    test(name, async () => {
      for (const [method, second] of [
        ['delta', 'newBytes'],
        ['applyDelta', 'delta'],
      ]) {
        const refusals = [/^oldBytes /, new RegExp(`^${second} `)].map((name) => coded(TYPE, name))
        assert.throws(() => differ[`${method}Sync`](value, bytes), refusals[0])
        assert.throws(() => differ[`${method}Sync`](bytes, value), refusals[1])
        await assert.rejects(differ[method](value, bytes), refusals[0])
        await assert.rejects(differ[method](bytes, value), refusals[1])
      }
    })
  }
})

suite('options', () => {
  const bytes = Uint8Array.of(1)
  for (const [method, options, code, message] of [
    ['delta', { level: 0 }, INVALID, /^level must be an integer from 1 to 19$/],
    ['delta', { level: 20 }, INVALID, /^level /],
    ['delta', { level: 3.5 }, INVALID, /^level /],
    ['delta', { level: '3' }, TYPE, /^level /],
    ['delta', { maxOutputBytes: 1 }, INVALID, /^maxOutputBytes is not an option$/],
    ['delta', null, TYPE, /^options /],
    ['applyDelta', { maxOutputBytes: -1 }, INVALID, /^maxOutputBytes /],
    ['applyDelta', { maxOutputBytes: Number.NaN }, INVALID, /^maxOutputBytes /],
    ['applyDelta', { maxOutputBytes: 1n }, TYPE, /^maxOutputBytes /],
    ['applyDelta', { level: 3 }, INVALID, /^level is not an option$/],
  ]) {
    const shown = options && Object.entries(options).map(([name, value]) => `${name} ${value}`)
    test(`of ${method} refuse ${shown}`, async () => {
      assert.throws(() => differ[`${method}Sync`](bytes, bytes, options), coded(code, message))
      await assert.rejects(differ[method](bytes, bytes, options), coded(code, message))
    })
  }

  test('are read before the bytes, so that a getter cannot pull them away', async () => {
    for (const method of ['deltaSync', 'delta']) {
      const bytes = new Uint8Array(100)
      const options = {
        get level() {
          detach(bytes)
          return 1
        },
      }
      const call = async () => differ[method](bytes, bytes, options)
      await assert.rejects(call, coded(TYPE, /^oldBytes must not be backed by a detached/))
    }
  })

  test('of sync forms have no signal', () => {
    const { signal } = new AbortController()
    const refusal = coded(INVALID, /^signal is not an option$/)
    assert.throws(() => differ.deltaSync(bytes, bytes, { signal }), refusal)
    assert.throws(() => differ.applyDeltaSync(bytes, bytes, { signal }), refusal)
  })
})

test('a foreign this is refused', async () => {
  const bytes = Uint8Array.of(1)
  const refusal = coded(TYPE, /^this must be a Differ$/)
  for (const method of ['delta', 'applyDelta']) {
    await assert.rejects(Differ.prototype[method].call({}, bytes, bytes), refusal)
    assert.throws(() => Differ.prototype[`${method}Sync`].call({}, bytes, bytes), refusal)
  }
})

test('Buffers may be changed right after an asynchronous call', async () => {
  const [oldBytes, newBytes] = [noise(1 << 20), noise(1 << 20).reverse()]
  const expected = differ.deltaSync(oldBytes, newBytes)
  const buffers = [Buffer.from(oldBytes), Buffer.from(newBytes)]
  const making = differ.delta(...buffers)
  for (const buffer of buffers) buffer.fill(0)
  assert.deepEqual(await making, expected)
  const copy = Buffer.from(expected)
  const applying = differ.applyDelta(oldBytes, copy)
  copy.fill(0)
  assert.equal(Buffer.compare(await applying, newBytes), 0)
})

suite('an abort', () => {
  test('that came before the call rejects at once', async () => {
    const signal = AbortSignal.abort('no longer needed')
    const bytes = Uint8Array.of(1)
    const refusal = ({ name, code, cause }) =>
      name === 'AbortError' && code === 'ABORT_ERR' && cause === 'no longer needed'
    await assert.rejects(differ.delta(bytes, bytes, { signal }), refusal)
    await assert.rejects(differ.applyDelta(bytes, bytes, { signal }), refusal)
  })

  test('in flight rejects soon, and the work stops', async () => {
    const bytes = noise(24 << 20)
    const controller = new AbortController()
    const { signal } = controller
    const running = differ.delta(bytes.subarray(1), bytes.reverse(), { level: 19, signal })
    setTimeout(() => controller.abort(), 100)
    const start = performance.now()
    await assert.rejects(running, coded('ABORT_ERR'))
    assert.ok(performance.now() - start < 2_000)
    // The old bytes are indexed to their end, 7 s of a processor at this level; all of it would take 16.
    const before = process.cpuUsage()
    while ((await processorTimeOfHalfASecond()) > 100);
    const { user, system } = process.cpuUsage(before)
    assert.ok((user + system) / 1000 < 12_000, String((user + system) / 1000))
  })
})

test('no error tells of the bytes', () => {
  const secret = Buffer.from('hunter2hunter2')
  const attempts = [
    () => differ.applyDeltaSync(secret, secret),
    () => differ.applyDeltaSync(secret, differ.deltaSync(Buffer.from('a'), secret)),
    () => differ.applyDeltaSync(secret, Buffer.concat([differ.deltaSync(secret, secret), secret])),
  ]
  for (const attempt of attempts) {
    assert.throws(attempt, (error) => !`${error.stack}${error.hint}`.includes('hunter2'))
  }
})
