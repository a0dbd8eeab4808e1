// What a session does: seal, unseal, encrypt, decrypt, in all their forms.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { inspect } from 'sealdiff'
import { coded, openFactory, temporaryFolder } from './support/factory.mjs'

const LENGTHS = [0, 1, 15, 16, 17, 64, 1024, 4096, 65_535, 65_536, 65_537, 1 << 20]

function bytes(length) {
  return Buffer.from(Array.from({ length }, (_, i) => (i * 7 + length) & 0xff))
}

test('every length comes back, in every form', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  for (const length of LENGTHS) {
    const data = bytes(length)
    const sealed = [await session.seal(data), session.sealSync(data)]
    for (const record of sealed) {
      assert.ok(Buffer.isBuffer(record))
      assert.equal(record.length, length + 46)
      assert.deepEqual(await session.unseal(record), data)
      assert.deepEqual(session.unsealSync(record), data)
    }
    for (const record of [await session.encrypt(data), session.encryptSync(data)]) {
      assert.deepEqual(await session.decrypt(record), data)
      assert.deepEqual(session.decryptSync(record), data)
      assert.deepEqual(session.decryptSync(Buffer.from(record)), data)
    }
  }
})

test('data of many megabytes comes back, and its memory is given back', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  const data = Buffer.alloc(17 << 20, 'sealdiff')
  assert.equal(Buffer.compare(await session.unseal(await session.seal(data)), data), 0)
  const before = process.memoryUsage.rss()
  let peak = before
  for (let round = 0; round < 40; round++) {
    assert.equal(Buffer.compare(session.unsealSync(session.sealSync(data)), data), 0)
    await new Promise(setImmediate)
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  // Forty rounds make 1360 MiB of results: V8 was told of them, so that it collects in time.
  const grown = (peak - before) / (1 << 20)
  assert.ok(grown < 700, `${Math.round(grown)} MiB`)
})

test('strings are sealed as UTF-8 and come back', async (t) => {
  const session = (await openFactory(t)).session('p1')
  for (const text of [
    '',
    'ascii',
    'héllo',
    '日本語 🔑',
    'a\0b',
    'x'.repeat(100_000),
    '🔑'.repeat(50_000),
  ]) {
    const record = await session.seal(text)
    assert.equal(record.length, Buffer.byteLength(text) + 46)
    assert.equal(await session.unsealString(record), text)
    assert.equal(session.unsealStringSync(record), text)
    assert.deepEqual(session.unsealSync(record), Buffer.from(text))
    const drr = await session.encrypt(text)
    assert.equal(await session.decryptString(drr), text)
    assert.equal(session.decryptStringSync(drr), text)
    assert.equal(session.decryptStringSync(session.encryptSync(text)), text)
  }
})

test('bytes that are no text are not made into a string', async (t) => {
  const session = (await openFactory(t)).session('p1')
  for (const length of [2, 100_000]) {
    const data = Buffer.alloc(length, 0xff)
    const record = await session.seal(data)
    await assert.rejects(session.unsealString(record), coded('ERR_NOT_UTF8'))
    assert.throws(() => session.unsealStringSync(record), coded('ERR_NOT_UTF8'))
    const drr = await session.encrypt(data)
    await assert.rejects(session.decryptString(drr), coded('ERR_NOT_UTF8'))
    assert.throws(() => session.decryptStringSync(drr), coded('ERR_NOT_UTF8'))
  }
})

test('subarrays, Buffers and plain Uint8Arrays are all data', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const whole = new Uint8Array([9, 9, 1, 2, 3, 9])
  for (const data of [whole.subarray(2, 5), Buffer.from([1, 2, 3]), new Uint8Array([1, 2, 3])]) {
    assert.deepEqual([...(await session.unseal(await session.seal(data)))], [1, 2, 3])
  }
  const record = session.sealSync('inside')
  const padded = Buffer.concat([Buffer.alloc(3), record, Buffer.alloc(3)])
  assert.equal(session.unsealStringSync(padded.subarray(3, -3)), 'inside')
})

test('additional data binds a record to its place', async (t) => {
  const session = (await openFactory(t)).session('p1')
  for (const additionalData of ['table/row/1', Buffer.from([0, 1]), 'x'.repeat(5000)]) {
    const record = await session.seal('x', { additionalData })
    assert.equal(await session.unsealString(record, { additionalData }), 'x')
    assert.equal(
      session.unsealStringSync(record, { additionalData: Buffer.from(additionalData) }),
      'x',
    )
    await assert.rejects(session.unseal(record), coded('ERR_DECRYPT_FAILED'))
    const other = { additionalData: 'table/row/2' }
    await assert.rejects(session.unseal(record, other), coded('ERR_DECRYPT_FAILED'))
    assert.throws(() => session.unsealSync(record, other), coded('ERR_DECRYPT_FAILED'))
  }
  const empty = await session.seal('x', { additionalData: '' })
  assert.equal(await session.unsealString(empty), 'x')
})

test('no two records of the same data are alike', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  const sealed = new Set(Array.from({ length: 1000 }, () => session.sealSync('x').toString('hex')))
  assert.equal(sealed.size, 1000)
})

test('sync forms need a warm key, start its load, and work on a retry', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('cold')
  assert.throws(() => session.sealSync('x'), coded('ERR_KEY_NOT_CACHED', { retryable: true }))
  const deadline = Date.now() + 10_000
  for (let record; !record; ) {
    assert.ok(Date.now() < deadline, 'the load was not started')
    await new Promise(setImmediate)
    try {
      record = session.sealSync('x')
    } catch (error) {
      assert.equal(error.code, 'ERR_KEY_NOT_CACHED')
    }
  }
  assert.equal(factory.stats().metastoreStores, 2)
})

test('the promise forms never throw', async (t) => {
  const session = (await openFactory(t)).session('p1')
  for (const method of ['seal', 'unseal', 'unsealString', 'encrypt', 'decrypt', 'decryptString']) {
    const promise = session[method](Symbol('x'))
    assert.ok(promise instanceof Promise)
    await assert.rejects(promise, coded('ERR_INVALID_ARG_TYPE'))
    await assert.rejects(session[method]('x', { nonsense: 1 }), (error) =>
      error.code.startsWith('ERR_INVALID_ARG'),
    )
  }
})

test('a thousand concurrent seals of a new partition make one key', async (t) => {
  const factory = await openFactory(t, {
    metastore: `sqlite:${path.join(temporaryFolder(t), 'k.db')}`,
  })
  const records = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => factory.session('p1').seal(`record ${i}`)),
  )
  const { metastoreLoads, metastoreStores, kmsEncrypts, kmsDecrypts } = factory.stats()
  assert.deepEqual(
    { metastoreLoads, metastoreStores, kmsEncrypts, kmsDecrypts },
    {
      metastoreLoads: 2,
      metastoreStores: 2,
      kmsEncrypts: 1,
      kmsDecrypts: 0,
    },
  )
  const session = factory.session('p1')
  assert.equal(new Set(records.map((record) => inspect(record).keyCreated)).size, 1)
  for (const [i, record] of records.entries()) {
    assert.equal(session.unsealStringSync(record), `record ${i}`)
  }
})

test('records outlive the factory that wrote them', async (t) => {
  const metastore = `sqlite:${path.join(temporaryFolder(t), 'keys.db')}`
  const first = await openFactory(t, { metastore })
  const sealed = await first.session('p1').seal('x')
  const encrypted = await first.session('p1').encrypt('y')
  await first.close()
  const second = await openFactory(t, { metastore })
  assert.equal(await second.session('p1').unsealString(sealed), 'x')
  assert.equal(await second.session('p1').decryptString(encrypted), 'y')
  assert.equal(second.stats().metastoreStores, 0, 'reading writes nothing')
})

test('more partitions than sessions at hand work in turn', async (t) => {
  const factory = await openFactory(t, { cache: { sessions: 3, intermediateKeys: 100 } })
  const sessions = Array.from({ length: 10 }, (_, i) => factory.session(`p${i}`))
  const records = await Promise.all(sessions.map((session) => session.seal(session.partitionId)))
  for (let round = 0; round < 3; round++) {
    sessions.forEach((session, i) => {
      assert.equal(session.unsealStringSync(records[i]), `p${i}`)
      assert.equal(session.unsealStringSync(session.sealSync(`r${round}`)), `r${round}`)
    })
  }
})

test('a factory keeps as many sessions as it may, however many another one may keep', async (t) => {
  const large = await openFactory(t, { cache: { sessions: 1000 } })
  const small = await openFactory(t, { cache: { sessions: 3, intermediateKeys: 3 } })
  for (let i = 0; i < 40; i++) {
    const record = await small.session(`p${i}`).seal('x')
    await large.session(`p${i}`).seal('x')
    assert.equal(small.session(`p${i}`).unsealStringSync(record), 'x')
  }
  assert.deepEqual([small.stats().sessions, large.stats().sessions], [3, 40])
})

test('a closed session refuses, another one of its partition goes on', async (t) => {
  const factory = await openFactory(t)
  const [closed, open] = [factory.session('p1'), factory.session('p1')]
  const record = await open.seal('x')
  closed.close()
  closed[Symbol.dispose]()
  await assert.rejects(closed.seal('x'), coded('ERR_SESSION_CLOSED', { retryable: false }))
  assert.throws(() => closed.sealSync('x'), coded('ERR_SESSION_CLOSED'))
  assert.throws(() => closed.unsealSync(record), coded('ERR_SESSION_CLOSED'))
  await assert.rejects(closed.warm(), coded('ERR_SESSION_CLOSED'))
  assert.equal(closed.partitionId, 'p1')
  assert.equal(open.unsealStringSync(record), 'x')
})

test('closing a factory waits for calls under way and ends all sessions', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const running = Array.from({ length: 50 }, () => session.seal(Buffer.alloc(1 << 20)))
  let settled = 0
  for (const call of running) call.then(() => settled++)
  await factory.close()
  await new Promise(setImmediate)
  assert.equal(settled, running.length)
  await assert.rejects(session.seal('x'), coded('ERR_SESSION_CLOSED'))
  assert.throws(() => session.sealSync('x'), coded('ERR_SESSION_CLOSED'))
})

test('two factories with the same ids keep their sessions apart', async (t) => {
  const [one, other] = [await openFactory(t), await openFactory(t)]
  const record = await one.session('p1').seal('x')
  await other.session('p1').warm()
  await assert.rejects(other.session('p1').unseal(record), (error) =>
    ['ERR_DECRYPT_FAILED', 'ERR_KEY_NOT_FOUND'].includes(error.code),
  )
  await one.close()
  assert.equal((await other.session('p1').seal('x')).length, 47)
})

for (const freshRandomness of [false, true]) {
  test(`no nonce comes twice, freshRandomness: ${freshRandomness}`, async (t) => {
    const session = (await openFactory(t, { freshRandomness })).session('p1')
    await session.warm()
    const nonces = new Set()
    for (let i = 0; i < 1000; i++) {
      nonces.add(session.sealSync('x').toString('hex', 6, 30))
      const { Data, Key } = JSON.parse(session.encryptSync('x'))
      for (const blob of [Data, Key.Key]) {
        nonces.add(Buffer.from(blob, 'base64').subarray(-12).toString('hex'))
      }
    }
    assert.equal(nonces.size, 3000)
  })
}

test('inspect tells format, key and sizes without a key', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const record = await session.seal('12345')
  const { keyCreated, ...rest } = inspect(record)
  assert.deepEqual(rest, {
    format: 'sealed-record',
    version: 1,
    recordLength: 51,
    plaintextLength: 5,
  })
  assert.equal(keyCreated % 60, 0)
  const text = await session.encrypt('12345')
  assert.deepEqual(inspect(text), {
    format: 'data-row-record',
    keyId: '_IK_p1_svc_prod',
    keyCreated,
    recordLength: text.length,
    plaintextLength: 5,
  })
  assert.deepEqual(inspect(Buffer.from(text)), inspect(text))
})
