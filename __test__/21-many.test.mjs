// Many records in one call: sealMany, unsealMany, encryptMany, decryptMany.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { tracingChannel } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { TestMetastore } from 'sealdiff/testing'
import { coded, openFactory } from './support/factory.mjs'

/** Short, long, empty and text, and more than is worked on at once. */
const ITEMS = ['', 'text', 'schön 😀', randomBytes(1), randomBytes(70_000), randomBytes(1 << 20)]
const bytesOf = (items) => items.map((item) => Buffer.from(item))

test('many are sealed and unsealed in order, short and long, warm and cold', async (t) => {
  const factory = await openFactory(t)
  for (const items of [[], ['one'], ITEMS.slice(0, 4), ITEMS, Array(300).fill('x')]) {
    for (const partition of ['p1', 'p1', String(items.length)]) {
      const session = factory.session(partition)
      const records = await session.sealMany(items)
      assert.deepEqual(await session.unsealMany(records), bytesOf(items))
      for (const [i, record] of records.entries()) {
        assert.ok(Buffer.isBuffer(record))
        assert.deepEqual(await session.unseal(record), Buffer.from(items[i]))
      }
    }
  }
})

test('many are encrypted and decrypted as one by one', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const records = await session.encryptMany(ITEMS)
  assert.ok(
    records.every((record) => JSON.parse(record).Key.ParentKeyMeta.KeyId === '_IK_p1_svc_prod'),
  )
  assert.deepEqual(await session.decryptMany(records), bytesOf(ITEMS))
  assert.deepEqual(await session.decrypt(records[2]), Buffer.from(ITEMS[2]))
})

test('no two records of a call have the same nonce', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  const records = await session.sealMany(Array(5000).fill('x'))
  assert.equal(new Set(records.map((record) => record.toString('hex', 6, 30))).size, 5000)
})

test('each item may have additional data of its own, others have that of the call', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const items = [{ data: 'a', additionalData: 'row 1' }, { data: 'b' }, 'c']
  const records = await session.sealMany(items, { additionalData: 'table' })
  for (const [i, additionalData] of ['row 1', 'table', 'table'].entries()) {
    assert.equal(await session.unsealString(records[i], { additionalData }), 'abc'[i])
  }
  const named = [
    { record: records[0], additionalData: 'row 1' },
    { record: records[1] },
    records[2],
  ]
  const data = await session.unsealMany(named, { additionalData: Buffer.from('table') })
  assert.equal(Buffer.concat(data).toString(), 'abc')
  await assert.rejects(
    session.unsealMany(records, { additionalData: 'table' }),
    coded('ERR_DECRYPT_FAILED'),
  )
})

test('records come as text on request, and are taken as text', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const texts = await session.sealMany(['a', 'b'], { encoding: 'base64url' })
  assert.match(texts.join(''), /^[A-Za-z0-9_-]+$/)
  assert.equal(Buffer.concat(await session.unsealMany(texts)).toString(), 'ab')
})

test('the first failure in order rejects all; settled, each is told by itself', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const good = await session.seal('good')
  const forged = Buffer.from(good)
  forged[40] ^= 1
  const strange = await factory.session('p2').encrypt('x')
  const records = [good, Buffer.from('{'), forged, 'not base64url!', good]
  await assert.rejects(session.unsealMany(records), coded('ERR_RECORD_INVALID'))
  await assert.rejects(session.unsealMany([good, forged]), coded('ERR_DECRYPT_FAILED'))
  const long = await session.seal(Buffer.alloc(200_000))
  assert.deepEqual(await session.unsealMany([good, long]), [
    Buffer.from('good'),
    Buffer.alloc(200_000),
  ])
  await assert.rejects(session.unsealMany([long, ...records]), coded('ERR_RECORD_INVALID'))
  await assert.rejects(session.unsealMany([long, good, forged]), coded('ERR_DECRYPT_FAILED'))
  // At once, and on other threads.
  for (const many of [records, [...records, long]]) {
    const outcomes = await session.unsealMany(many, { settled: true })
    assert.deepEqual(
      outcomes
        .slice(0, 5)
        .map(({ status, reason, value }) => [status, reason?.code ?? value.toString()]),
      [
        ['fulfilled', 'good'],
        ['rejected', 'ERR_RECORD_INVALID'],
        ['rejected', 'ERR_DECRYPT_FAILED'],
        ['rejected', 'ERR_RECORD_INVALID'],
        ['fulfilled', 'good'],
      ],
    )
    assert.ok(outcomes[1].reason instanceof Error)
  }
  const [mismatch, read] = await session.decryptMany([strange, await session.encrypt('y')], {
    settled: true,
  })
  assert.equal(mismatch.reason.code, 'ERR_PARTITION_MISMATCH')
  assert.equal(read.value.toString(), 'y')
  const sealed = await session.sealMany(['a'], { settled: true, encoding: 'base64url' })
  assert.deepEqual(Object.keys(sealed[0]), ['status', 'value'])
  assert.equal(typeof sealed[0].value, 'string')
})

test('a cold call on many records loads each key once', async (t) => {
  const metastore = new TestMetastore()
  const writer = await openFactory(t, { metastore })
  const records = await writer.session('p1').sealMany(Array(500).fill('x'))
  const reader = await openFactory(t, { metastore })
  assert.equal((await reader.session('p1').unsealMany(records)).length, 500)
  assert.equal(reader.stats().keyLoads, 2)
  assert.equal(reader.stats().kmsDecrypts, 1)
})

test('an outage fails every record whose key is cold, and is met once', async (t) => {
  const metastore = new TestMetastore()
  const writer = await openFactory(t, { metastore })
  const records = await writer.session('p1').sealMany(Array(100).fill('x'))
  const reader = await openFactory(t, { metastore })
  let asked = 0
  metastore.load = async () => {
    asked++
    throw new Error('down')
  }
  const outcomes = await reader.session('p1').unsealMany(records, { settled: true })
  assert.ok(outcomes.every(({ reason }) => reason.code === 'ERR_METASTORE_UNAVAILABLE'))
  assert.equal(asked, 1)
  await assert.rejects(reader.session('p1').unsealMany(records), coded('ERR_METASTORE_UNAVAILABLE'))
})

test('a key that can not be had fails each item, settled, also of calls that write', async (t) => {
  const metastore = new TestMetastore()
  const session = (await openFactory(t, { metastore })).session('p1')
  metastore.loadLatest = async () => {
    throw new Error('down')
  }
  for (const call of [
    session.sealMany(['a', 'b'], { settled: true }),
    session.encryptMany(['a', 'b'], { settled: true }),
  ]) {
    assert.deepEqual(
      (await call).map(({ reason }) => reason.code),
      ['ERR_METASTORE_UNAVAILABLE', 'ERR_METASTORE_UNAVAILABLE'],
    )
  }
  await assert.rejects(session.sealMany(['a']), coded('ERR_METASTORE_UNAVAILABLE'))
})

test('a refused key is asked for once, whatever the number of records', async (t) => {
  const metastore = new TestMetastore()
  const records = await (await openFactory(t, { metastore }))
    .session('p1')
    .sealMany(Array(200).fill('x'))
  const kms = { type: 'static', key: Buffer.alloc(32, 9) }
  const reader = await openFactory(t, { metastore, kms })
  const outcomes = await reader.session('p1').unsealMany(records, { settled: true })
  assert.equal(new Set(outcomes.map(({ reason }) => reason.code)).size, 1)
  assert.ok(reader.stats().kmsDecrypts + reader.stats().kmsFailures <= 2)
})

test('no setter of others sees an outcome', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const record = await session.seal('secret')
  const seen = []
  const names = ['status', 'value', 'reason']
  for (const name of names) Object.prototype.__defineSetter__(name, (value) => seen.push(value))
  let outcomes
  try {
    outcomes = await session.unsealMany([record], { settled: true })
  } finally {
    for (const name of names) delete Object.prototype[name]
  }
  assert.equal(outcomes[0].value.toString(), 'secret')
  assert.deepEqual(seen, [])
})

test('data in the pool of Buffers, next to where records go, is read as it was', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  for (let i = 0; i < 200; i++) {
    // All of the pool, what is not given out yet too.
    const pool = new Uint8Array(Buffer.allocUnsafe(8).buffer)
    const before = Buffer.from(Buffer.allocUnsafeSlow(pool.length).fill(pool))
    const record = session.sealSync('data', { additionalData: pool })
    assert.equal(session.unsealStringSync(record, { additionalData: before }), 'data')
    const next = new Uint8Array(Buffer.allocUnsafe(8).buffer).subarray(-3000)
    const then = Buffer.allocUnsafeSlow(next.length).fill(next)
    const [, second] = await session.sealMany(['a'.repeat(200), next])
    assert.deepEqual(await session.unseal(second), then)
  }
})

test('what changes after the call changes nothing', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const data = Buffer.alloc(100_000, 'a')
  const items = [data, { data, additionalData: Buffer.from('place') }]
  const sealing = session.sealMany(items)
  data.fill('b')
  items[1].additionalData.fill('x')
  items.length = 0
  const [first, second] = await sealing
  assert.deepEqual(await session.unseal(first), Buffer.alloc(100_000, 'a'))
  const opened = await session.unseal(second, { additionalData: 'place' })
  assert.deepEqual(opened, Buffer.alloc(100_000, 'a'))
})

test('bad arguments are named by their place, and nothing is done', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const shared = new Uint8Array(new SharedArrayBuffer(4))
  const detached = new Uint8Array(4)
  structuredClone(detached, { transfer: [detached.buffer] })
  for (const [call, code, message] of [
    [() => session.sealMany('text'), 'ERR_INVALID_ARG_TYPE', /items must be an array/],
    [() => session.sealMany(['a', 7]), 'ERR_INVALID_ARG_TYPE', /items\[1\]/],
    [() => session.sealMany([{ data: 'a' }, {}]), 'ERR_INVALID_ARG_TYPE', /items\[1\]\.data/],
    [() => session.sealMany([{ data: 'a', aad: 'b' }]), 'ERR_INVALID_ARG_VALUE', /items\[0\]\.aad/],
    [
      () => session.sealMany([{ data: 'a', additionalData: 1 }]),
      'ERR_INVALID_ARG_TYPE',
      /items\[0\]\.additionalData/,
    ],
    [() => session.sealMany([], { settled: 1 }), 'ERR_INVALID_ARG_TYPE', /settled/],
    [() => session.sealMany([], { encoding: 'hex' }), 'ERR_INVALID_ARG_VALUE', /encoding/],
    [() => session.unsealMany([], { encoding: 'base64url' }), 'ERR_INVALID_ARG_VALUE', /encoding/],
    [() => session.encryptMany([{ data: 'a' }]), 'ERR_INVALID_ARG_TYPE', /items\[0\]/],
    [
      () => session.encryptMany(['a'], { additionalData: 'b' }),
      'ERR_INVALID_ARG_VALUE',
      /additionalData/,
    ],
    [() => session.sealMany([shared]), 'ERR_INVALID_ARG_TYPE', /items\[0\].*SharedArrayBuffer/],
    [() => session.sealMany([detached]), 'ERR_INVALID_ARG_TYPE', /items\[0\].*detached/],
    [() => session.sealMany(new Array(100_001).fill('')), 'ERR_INVALID_ARG_VALUE', /100000/],
  ]) {
    await assert.rejects(call(), coded(code, { message }))
  }
  session.close()
  await assert.rejects(session.sealMany(['a']), coded('ERR_SESSION_CLOSED'))
})

test('an abort ends a call on many', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const items = Array(64).fill(randomBytes(1 << 20))
  await assert.rejects(session.sealMany(items, { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  })
  const controller = new AbortController()
  const sealing = session.sealMany(items, { signal: controller.signal })
  controller.abort(new Error('enough'))
  await assert.rejects(
    sealing,
    (error) => error.name === 'AbortError' && error.cause.message === 'enough',
  )
})

test('the channels tell of one call, with the number of its records', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const told = []
  const subscriber = (context) => told.push(context)
  tracingChannel('sealdiff:seal').asyncEnd.subscribe(subscriber)
  t.after(() => tracingChannel('sealdiff:seal').asyncEnd.unsubscribe(subscriber))
  await session.sealMany(['ab', 'c'])
  assert.equal(told.length, 1)
  const { records, bytesIn, bytesOut, outcome } = told[0]
  assert.deepEqual(
    { records, bytesIn, bytesOut, outcome },
    { records: 2, bytesIn: 3, bytesOut: 95, outcome: 'ok' },
  )
})
