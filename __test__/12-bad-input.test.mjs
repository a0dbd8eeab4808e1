// What callers pass by mistake or by malice: a clear error with its code, nothing leaked, no crash.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'sealdiff'
import { coded, openFactory, temporaryFolder } from './support/factory.mjs'
import { detachedByGetter, notData, SECRET, shown } from './support/hostile.mjs'

async function warmSession(t, partition = 'p1', overrides = {}) {
  const session = (await openFactory(t, overrides)).session(partition)
  await session.warm()
  return session
}

const TAKES_DATA = ['seal', 'encrypt', 'decrypt', 'decryptString', 'unseal', 'unsealString']

test('what is neither string nor Uint8Array is refused by name, and not shown', async (t) => {
  const session = await warmSession(t)
  const isRefused = (error) => {
    assert.ok(error instanceof TypeError, error)
    assert.equal(error.code, 'ERR_INVALID_ARG_TYPE')
    assert.match(error.message, /^(data|record|additionalData) must/)
    assert.ok(!shown(error).includes(SECRET))
    return true
  }
  for (const method of TAKES_DATA) {
    for (const value of Object.values(notData())) {
      await assert.rejects(session[method](value), isRefused)
      assert.throws(() => session[`${method}Sync`](value), isRefused)
    }
  }
  for (const [name, value] of Object.entries(notData())) {
    if (name === 'undefined') continue
    await assert.rejects(session.seal('x', { additionalData: value }), isRefused, name)
    assert.throws(() => session.sealSync('x', { additionalData: value }), isRefused, name)
    assert.throws(() => inspect(value), isRefused, name)
  }
})

test('a secret passed in the wrong place does not appear in the error', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  await session.warm()
  const attempts = [
    () => session.sealSync({ toString: () => SECRET }),
    () => session.sealSync('x', SECRET),
    () => session.sealSync('x', { additionalData: [SECRET] }),
    () => session.sealSync('x', { [SECRET]: true }),
    () => session.unsealSync(Buffer.from(SECRET)),
    () => session.unsealSync(SECRET),
    () => session.decryptSync(SECRET),
    () => session.decryptSync(`{"Key":"${SECRET}"}`),
    () => inspect(SECRET),
    () => factory.session([SECRET]),
    () => factory.session(`${SECRET}\0`),
  ]
  for (const attempt of attempts) {
    assert.throws(attempt, (error) => {
      assert.match(error.code, /^ERR_/)
      assert.ok(!shown(error).includes('4111'), shown(error))
      return true
    })
  }
})

test('lone surrogates would not come back, so they are refused', async (t) => {
  const session = await warmSession(t)
  for (const text of ['\ud800', 'a\udfff', `${'x'.repeat(10_000)}\ud800`]) {
    assert.throws(() => session.sealSync(text), coded('ERR_INVALID_ARG_VALUE'))
    await assert.rejects(session.encrypt(text), coded('ERR_INVALID_ARG_VALUE'))
    const other = { additionalData: text }
    assert.throws(() => session.sealSync('x', other), coded('ERR_INVALID_ARG_VALUE'))
  }
})

test('partition ids that a store would change are refused', async (t) => {
  const factory = await openFactory(t)
  for (const id of ['', 'a\0b', '\ud800', 'x'.repeat(256), 'x'.repeat(243)]) {
    assert.throws(() => factory.session(id), coded('ERR_INVALID_ARG_VALUE'))
  }
  for (const id of [undefined, null, 1, {}, ['p'], Symbol('p'), new String('p')]) {
    assert.throws(() => factory.session(id), coded('ERR_INVALID_ARG_TYPE'))
  }
  const longest = factory.session('ü'.repeat(242))
  assert.equal(await longest.unsealString(await longest.seal('x')), 'x')
})

test('unknown options are refused by name in every call', async (t) => {
  const session = await warmSession(t)
  const record = session.sealSync('x')
  const text = session.encryptSync('x')
  const calls = [
    (o) => session.sealSync('x', o),
    (o) => session.unsealSync(record, o),
    (o) => session.unsealStringSync(record, o),
    (o) => session.encryptSync('x', o),
    (o) => session.decryptSync(text, o),
  ]
  for (const call of calls) {
    assert.throws(() => call({ aad: 'x' }), {
      code: 'ERR_INVALID_ARG_VALUE',
      message: 'aad is not an option',
    })
    assert.throws(() => call({ signal: undefined }), coded('ERR_INVALID_ARG_VALUE'))
    assert.throws(() => call(null), coded('ERR_INVALID_ARG_TYPE'))
    assert.throws(() => call('x'), coded('ERR_INVALID_ARG_TYPE'))
    assert.throws(() => call([]), coded('ERR_INVALID_ARG_TYPE'))
  }
  for (const call of [session.warm, session.isCurrent, session.reseal]) {
    const options = { aad: 'x' }
    const args = call === session.warm ? [options] : [record, options]
    await assert.rejects(call.apply(session, args), coded('ERR_INVALID_ARG_VALUE'))
  }
})

test('empty, one-byte and truncated records are malformed', async (t) => {
  const session = await warmSession(t)
  const record = session.sealSync('some plaintext')
  for (let length = 0; length < 46; length++) {
    assert.throws(() => session.unsealSync(record.subarray(0, length)), coded('ERR_RECORD_INVALID'))
    await assert.rejects(session.unseal(record.subarray(0, length)), coded('ERR_RECORD_INVALID'))
    assert.throws(() => inspect(record.subarray(0, length)), coded('ERR_RECORD_INVALID'))
  }
  for (let length = 46; length < record.length; length++) {
    assert.throws(() => session.unsealSync(record.subarray(0, length)), coded('ERR_DECRYPT_FAILED'))
  }
  const text = session.encryptSync('some plaintext')
  for (let length = 0; length < text.length; length++) {
    assert.throws(() => session.decryptSync(text.slice(0, length)), coded('ERR_RECORD_INVALID'))
    await assert.rejects(session.decrypt(text.slice(0, length)), coded('ERR_RECORD_INVALID'))
  }
})

const REFUSED = new Set([
  'ERR_RECORD_INVALID',
  'ERR_PARTITION_MISMATCH',
  'ERR_KEY_NOT_FOUND',
  'ERR_DECRYPT_FAILED',
])

test('every flipped byte of a sealed record is noticed', async (t) => {
  const session = await warmSession(t)
  const record = session.sealSync('some plaintext', { additionalData: 'place' })
  for (let at = 0; at < record.length; at++) {
    for (const mask of [0x01, 0x80, 0xff]) {
      const forged = Buffer.from(record)
      forged[at] ^= mask
      await assert.rejects(session.unseal(forged, { additionalData: 'place' }), (error) => {
        assert.ok(REFUSED.has(error.code), `byte ${at}: ${error.code}`)
        return true
      })
    }
  }
})

test('every flipped byte of a DataRowRecord is noticed, but for what Asherah leaves open', async (t) => {
  const session = await warmSession(t)
  const record = Buffer.from(session.encryptSync('some plaintext'))
  // The creation time of the data row key is not authenticated.
  const open = /^\{"Key":\{"Created":(\d+)/d.exec(record.toString()).indices[1]
  for (let at = 0; at < record.length; at++) {
    for (const mask of [0x01, 0x20, 0x80]) {
      const forged = Buffer.from(record)
      forged[at] ^= mask
      const outcome = await session.decryptString(forged).catch((error) => error)
      const isOpen = at >= open[0] && at < open[1]
      if (isOpen && outcome === 'some plaintext') continue
      assert.ok(REFUSED.has(outcome.code), `byte ${at}: ${outcome.code ?? 'unnoticed'}`)
    }
  }
})

test('records of another partition, service or product are refused', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const sealed = await session.seal('x')
  const encrypted = await session.encrypt('x')
  const strangers = [
    factory.session('p2'),
    (await openFactory(t, { serviceId: 'other' })).session('p1'),
    (await openFactory(t, { productId: 'other' })).session('p1'),
  ]
  for (const stranger of strangers) {
    await stranger.warm()
    await assert.rejects(stranger.unseal(sealed), coded('ERR_DECRYPT_FAILED'))
    assert.throws(() => stranger.unsealSync(sealed), coded('ERR_DECRYPT_FAILED'))
    await assert.rejects(stranger.decrypt(encrypted), coded('ERR_PARTITION_MISMATCH'))
    assert.throws(() => stranger.decryptSync(encrypted), coded('ERR_PARTITION_MISMATCH'))
  }
})

test('a record whose key the metastore lacks says so', async (t) => {
  const session = await warmSession(t)
  const sealed = session.sealSync('x')
  sealed.writeUInt32BE(60, 2)
  assert.throws(() => session.unsealSync(sealed), coded('ERR_KEY_NOT_CACHED'))
  await assert.rejects(session.unseal(sealed), coded('ERR_KEY_NOT_FOUND', { retryable: false }))
  assert.throws(() => session.unsealSync(sealed), coded('ERR_KEY_NOT_FOUND'))
})

test('the two formats are not mistaken for each other', async (t) => {
  const session = await warmSession(t)
  await assert.rejects(
    session.unseal(Buffer.from(session.encryptSync('x'))),
    coded('ERR_RECORD_INVALID'),
  )
  await assert.rejects(session.decrypt(session.sealSync('x')), coded('ERR_RECORD_INVALID'))
  const stream = Buffer.from(session.sealSync('x'))
  stream[0] = 0xd2
  await assert.rejects(session.unseal(stream), { code: 'ERR_RECORD_INVALID', message: /stream/ })
})

test('an options object whose getter detaches the data is refused, not read', async (t) => {
  const session = await warmSession(t)
  const sync = detachedByGetter('additionalData')
  assert.throws(() => session.sealSync(sync.bytes, sync.options), coded('ERR_INVALID_ARG_TYPE'))
  const waiting = detachedByGetter('signal')
  await assert.rejects(session.seal(waiting.bytes, waiting.options), coded('ERR_INVALID_ARG_TYPE'))
})

test('a getter that throws is the caller’s own error', async (t) => {
  const session = await warmSession(t)
  const own = new Error('own')
  const options = {
    get additionalData() {
      throw own
    },
  }
  assert.throws(() => session.sealSync('x', options), own)
  await assert.rejects(session.seal('x', options), own)
})

test('a Buffer changed right after the call does not change what is sealed', async (t) => {
  const session = (await openFactory(t)).session('cold')
  for (const length of [16, 1 << 20]) {
    for (const [write, read] of [
      ['seal', 'unseal'],
      ['encrypt', 'decrypt'],
    ]) {
      const data = Buffer.alloc(length, 1)
      const additionalData = Buffer.from('place')
      const options = write === 'seal' ? { additionalData } : undefined
      const writing = session[write](data, options)
      data.fill(2)
      additionalData.fill(2)
      const record = await writing
      const place = write === 'seal' ? { additionalData: 'place' } : undefined
      assert.deepEqual(await session[read](record, place), Buffer.alloc(length, 1))

      const copy = Buffer.from(record)
      const reading = session[read](copy, place)
      copy.fill(0)
      assert.deepEqual(await reading, Buffer.alloc(length, 1))
    }
  }
})

test('an aborted call rejects with an AbortError, and disturbs no other', async (t) => {
  const factory = await openFactory(t)
  const reason = new Error('the user left')
  const isAborted = { name: 'AbortError', code: 'ABORT_ERR', cause: reason }
  for (const method of ['seal', 'encrypt', 'warm']) {
    const session = factory.session(`cold for ${method}`)
    const abort = new AbortController()
    const { signal } = abort
    const call = method === 'warm' ? session.warm({ signal }) : session[method]('x', { signal })
    const follower = session.seal('x')
    abort.abort(reason)
    await assert.rejects(call, isAborted)
    assert.equal((await follower).length, 47)
    await assert.rejects(session.seal('x', { signal }), isAborted)
  }
  const session = factory.session('p1')
  for (const signal of [{}, null, 'x', { aborted: false }]) {
    await assert.rejects(session.seal('x', { signal }), coded('ERR_INVALID_ARG_TYPE'))
  }
})

test('methods called on a foreign object say so and do not crash', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  await session.warm()
  const isForeign = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /^this must be a / }
  for (const foreign of [undefined, null, {}, 1, Object.create(session), factory]) {
    for (const method of ['sealSync', 'unsealSync', 'encryptSync', 'decryptSync', 'close']) {
      assert.throws(() => session[method].call(foreign, Buffer.from('x')), isForeign)
    }
    await assert.rejects(session.seal.call(foreign, 'x'), isForeign)
    await assert.rejects(session.warm.call(foreign), isForeign)
  }
  for (const foreign of [undefined, {}, session]) {
    assert.throws(() => factory.session.call(foreign, 'p'), isForeign)
    assert.throws(() => factory.stats.call(foreign), isForeign)
    await assert.rejects(factory.close.call(foreign), isForeign)
  }
})

test('what is no options object is not taken for an empty one', async (t) => {
  const session = await warmSession(t)
  const additionalData = 'place'
  const wrong = [
    new Map([['additionalData', additionalData]]),
    new Set(),
    Promise.resolve({ additionalData }),
    new ArrayBuffer(3),
    new Date(),
    new String('place'),
    AbortSignal.abort(),
    () => {},
    Buffer.from('place'),
  ]
  for (const options of wrong) {
    assert.throws(() => session.sealSync('x', options), coded('ERR_INVALID_ARG_TYPE'))
    await assert.rejects(session.seal('x', options), coded('ERR_INVALID_ARG_TYPE'))
  }
  const hidden = Object.defineProperty({}, 'additionaldata', { value: 'x', enumerable: false })
  for (const options of [hidden, { [Symbol('additionalData')]: 'x' }]) {
    assert.throws(() => session.sealSync('x', options), coded('ERR_INVALID_ARG_VALUE'))
  }
  class Options {
    additionalData = additionalData
  }
  const record = session.sealSync('x', new Options())
  assert.equal(session.unsealStringSync(record, { additionalData, __proto__: null }), 'x')
  assert.equal(session.unsealStringSync(record, Object.create({ additionalData })), 'x')
})

test('a polluted Object.prototype does not reach the options', async (t) => {
  const session = await warmSession(t)
  try {
    Object.defineProperty(Object.prototype, 'additionalData', { value: 'evil', configurable: true })
    const records = [session.sealSync('x'), session.sealSync('x', {}), await session.seal('x', {})]
    for (const record of records) assert.equal(session.unsealStringSync(record), 'x')
  } finally {
    delete Object.prototype.additionalData
  }
})

test('one signal may be shared by any number of calls', async (t) => {
  const { spawnSync } = await import('node:child_process')
  const program = `
    const { SessionFactory } = require('sealdiff')
    ;(async () => {
      const factory = await SessionFactory.open({
        serviceId: 's', productId: 'p', metastore: 'memory:', kms: { type: 'static', key: 'ab'.repeat(32) },
      })
      const abort = new AbortController()
      const { signal } = abort
      const calls = Array.from({ length: 200 }, (_, i) => factory.session('p' + i).seal('x', { signal }))
      abort.abort()
      const outcomes = await Promise.allSettled(calls)
      console.log(outcomes.filter(({ reason }) => reason?.code === 'ABORT_ERR').length)
    })()`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'test' },
  })
  assert.deepEqual([stdout, stderr], ['200\n', ''])
  t.diagnostic('no MaxListenersExceededWarning')
})

test('an abort reaches its own call, also where two copies of the package share a thread', async (t) => {
  const { createRequire } = await import('node:module')
  const require = createRequire(import.meta.url)
  const first = require('sealdiff')
  for (const file of Object.keys(require.cache)) {
    if (!file.endsWith('.node') && !file.endsWith('native.js')) delete require.cache[file]
  }
  const second = require('sealdiff')
  assert.notEqual(first.Differ, second.Differ)
  const lines = (seed) => Array.from({ length: 50_000 }, (_, i) => (i * seed) % 49_999).join('\n')
  const hostile = [lines(7), lines(11)]
  const [aborted, other] = [new AbortController(), new AbortController()]
  const differ = (copy, signal) =>
    new copy.Differ({ algorithm: 'minimal', deadlineMs: 1000 }).unified(...hostile, { signal })
  const calls = [differ(first, aborted.signal), differ(second, other.signal)]
  aborted.abort()
  await assert.rejects(calls[0], { name: 'AbortError' })
  assert.equal(typeof (await calls[1]), 'string')
  t.diagnostic('the other copy was not disturbed')
})

test('data that fits no string is refused before it is worked on', async (t) => {
  const session = await warmSession(t)
  const data = Buffer.alloc(403 << 20)
  assert.throws(() => session.encryptSync(data), coded('ERR_DATA_TOO_LARGE', { retryable: false }))
  await assert.rejects(session.encrypt(data), coded('ERR_DATA_TOO_LARGE'))
})

test('a table that takes two partitions for one is refused, and loses nothing', async (t) => {
  const { spawnSync } = await import('node:child_process')
  const file = `${temporaryFolder(t)}/keys.db`
  const program = `
import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("CREATE TABLE encryption_key (id VARCHAR(255) COLLATE NOCASE NOT NULL, created TIMESTAMP NOT NULL, key_record TEXT NOT NULL, PRIMARY KEY (id, created))")`
  assert.equal(spawnSync('python3', ['-c', program, file]).status, 0)
  const factory = await openFactory(t, { metastore: `sqlite:${file}` })
  const record = await factory.session('Bob').seal('x')
  await assert.rejects(
    factory.session('bob').seal('x'),
    coded('ERR_METASTORE_COLLATION', { retryable: false }),
  )
  assert.equal(await factory.session('Bob').unsealString(record), 'x')
})
