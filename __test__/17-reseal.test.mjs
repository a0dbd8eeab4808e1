// Sealed records as text, and putting records under the newest key: isCurrent, reseal, warm.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'sealdiff'
import { coded, openFactory } from './support/factory.mjs'

const BASE64URL = /^[A-Za-z0-9_-]*$/

/** A metastore whose rows a test revokes or removes behind the factory's back. */
class Rows {
  #rows = new Map()
  loads = 0

  load(id, created) {
    this.loads++
    return this.#rows.get(`${id} ${created}`) ?? null
  }

  loadLatest(id) {
    this.loads++
    const newest = this.#versions(id).at(-1)
    return newest === undefined ? null : this.#rows.get(`${id} ${newest}`)
  }

  store(id, created, record) {
    const place = `${id} ${created}`
    if (this.#rows.has(place)) return false
    this.#rows.set(place, record)
    return true
  }

  revoke(id) {
    for (const created of this.#versions(id)) {
      const record = JSON.parse(this.#rows.get(`${id} ${created}`))
      this.#rows.set(`${id} ${created}`, JSON.stringify({ ...record, Revoked: true }))
    }
  }

  remove(id) {
    for (const created of this.#versions(id)) this.#rows.delete(`${id} ${created}`)
  }

  #versions(id) {
    const places = [...this.#rows.keys()].map((place) => place.split(' '))
    return places
      .filter(([rowId]) => rowId === id)
      .map(([, created]) => Number(created))
      .sort((a, b) => a - b)
  }
}

const IK = '_IK_p1_svc_prod'
const place = { additionalData: 'users.email:42' }

/** A session whose newest key was revoked after `records` were written under it. */
async function afterRotation(t, write) {
  const metastore = new Rows()
  const before = (await openFactory(t, { metastore })).session('p1')
  const records = await write(before)
  metastore.revoke(IK)
  const session = (await openFactory(t, { metastore })).session('p1')
  return { metastore, records, session }
}

test('a record sealed as text is the unpadded base64url of its bytes, in every length', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  for (const length of [0, 1, 2, 3, 4, 5, 100, 65_535, 65_537, 1 << 20]) {
    const data = Buffer.alloc(length, 'sealdiff')
    const options = { ...place, encoding: 'base64url' }
    for (const text of [await session.seal(data, options), session.sealSync(data, options)]) {
      assert.equal(typeof text, 'string')
      assert.match(text, BASE64URL)
      const bytes = Buffer.from(text, 'base64url')
      assert.equal(bytes.length, length + 46)
      assert.equal(bytes.toString('base64url'), text)
      assert.deepEqual(await session.unseal(text, place), data)
      assert.deepEqual(session.unsealSync(text, place), data)
      assert.deepEqual(session.unsealSync(bytes, place), data)
      assert.equal(await session.unsealString(text, place), data.toString())
      assert.equal(session.unsealStringSync(text, place), data.toString())
      assert.deepEqual(inspect(text), inspect(bytes))
    }
  }
  assert.ok(Buffer.isBuffer(await session.seal('x', { encoding: undefined })))
})

test('only the one text of a record is that record', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const text = await session.seal('ab', { encoding: 'base64url' })
  assert.equal(text.length, 64)
  const padded = await session.seal('a', { encoding: 'base64url' })
  const last = padded.at(-1)
  const sibling = String.fromCharCode(last.charCodeAt(0) + 1)
  const malformed = [
    '',
    `${text}\n`,
    ` ${text}`,
    `${padded}=`,
    `${padded}==`,
    padded.slice(0, -1) + sibling,
    `+${text.slice(1)}`,
    `/${text.slice(1)}`,
    `é${text.slice(1)}`,
    text.slice(0, -3),
    Buffer.from(text, 'base64url').toString('hex'),
  ]
  for (const bad of malformed) {
    assert.throws(() => session.unsealSync(bad), coded('ERR_RECORD_INVALID'), bad)
    await assert.rejects(session.unseal(bad), coded('ERR_RECORD_INVALID'), bad)
    await assert.rejects(session.reseal(bad), coded('ERR_RECORD_INVALID'), bad)
    await assert.rejects(session.isCurrent(bad), coded('ERR_RECORD_INVALID'), bad)
    await assert.rejects(session.warm({ records: [bad] }), coded('ERR_RECORD_INVALID'), bad)
    assert.throws(() => inspect(bad), coded('ERR_RECORD_INVALID'), bad)
  }
  const forged = `${text.slice(0, -1)}${text.at(-1) === 'A' ? 'B' : 'A'}`
  assert.throws(() => session.unsealSync(forged), coded('ERR_DECRYPT_FAILED'))
})

test('encoding takes one name and no other', async (t) => {
  const session = (await openFactory(t)).session('p1')
  for (const encoding of ['base64', 'hex', '', 'BASE64URL']) {
    await assert.rejects(session.seal('x', { encoding }), coded('ERR_INVALID_ARG_VALUE'))
  }
  for (const encoding of [null, 1, ['base64url']]) {
    assert.throws(() => session.sealSync('x', { encoding }), coded('ERR_INVALID_ARG_TYPE'))
  }
  const record = await session.seal('x')
  const refused = coded('ERR_INVALID_ARG_VALUE')
  await assert.rejects(session.unseal(record, { encoding: 'base64url' }), refused)
  assert.throws(() => session.sealSync('x', { signal: AbortSignal.timeout(1000) }), refused)
})

test('data whose text no string could hold is refused before it is sealed', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  const data = new Uint8Array(403 << 20)
  const refused = coded('ERR_DATA_TOO_LARGE')
  assert.throws(() => session.sealSync(data, { encoding: 'base64url' }), refused)
  await assert.rejects(session.seal(data, { encoding: 'base64url' }), refused)
})

test('a record is current until its key is revoked, in both formats, as bytes and text', async (t) => {
  const forms = async (session) => [
    await session.seal('x'),
    await session.seal('x', { encoding: 'base64url' }),
    await session.encrypt('x'),
    Buffer.from(await session.encrypt('x')),
  ]
  const { records, session } = await afterRotation(t, async (before) => {
    const written = await forms(before)
    for (const record of written) assert.equal(await before.isCurrent(record), true)
    return written
  })
  for (const record of records) assert.equal(await session.isCurrent(record), false)
  for (const record of await forms(session)) assert.equal(await session.isCurrent(record), true)
})

test('reseal puts a record under the newest key, in the form that is asked for', async (t) => {
  const lengths = [0, 5, 100_000]
  const { records, session } = await afterRotation(t, (before) =>
    Promise.all(
      lengths.flatMap((length) => [
        before.seal(Buffer.alloc(length, 'x'), place),
        before.seal(Buffer.alloc(length, 'x'), { ...place, encoding: 'base64url' }),
      ]),
    ),
  )
  for (const record of records) {
    const bytes = await session.reseal(record, place)
    assert.ok(Buffer.isBuffer(bytes))
    const text = await session.reseal(record, { ...place, encoding: 'base64url' })
    assert.equal(typeof text, 'string')
    for (const resealed of [bytes, text]) {
      assert.notDeepEqual(resealed, record)
      assert.equal(await session.isCurrent(resealed), true)
      assert.ok(inspect(resealed).keyCreated > inspect(record).keyCreated)
      assert.deepEqual(await session.unseal(resealed, place), await session.unseal(record, place))
    }
  }
})

test('reseal keeps a record bound to its place, and refuses what it cannot read', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const record = await session.seal('x', place)
  const failed = coded('ERR_DECRYPT_FAILED')
  await assert.rejects(session.reseal(record), failed)
  await assert.rejects(session.reseal(record, { additionalData: 'elsewhere' }), failed)
  await assert.rejects(factory.session('p2').reseal(record, place), (error) =>
    ['ERR_DECRYPT_FAILED', 'ERR_KEY_NOT_FOUND'].includes(error.code),
  )
  const resealed = await session.reseal(record, place)
  await assert.rejects(session.unseal(resealed), failed)
  for (const other of [await session.encrypt('x'), Buffer.from(await session.encrypt('x'))]) {
    await assert.rejects(session.reseal(other), (error) => {
      assert.equal(error.code, 'ERR_RECORD_INVALID')
      assert.match(error.message, /DataRowRecord/)
      return true
    })
    await assert.rejects(session.unseal(other), coded('ERR_RECORD_INVALID'))
  }
})

test('a record of another partition is refused by its name', async (t) => {
  const factory = await openFactory(t)
  const record = await factory.session('p2').encrypt('x')
  const session = factory.session('p1')
  const mismatch = coded('ERR_PARTITION_MISMATCH')
  await assert.rejects(session.isCurrent(record), mismatch)
  const loads = factory.stats().metastoreLoads
  await assert.rejects(session.warm({ records: [record] }), mismatch)
  assert.equal(factory.stats().metastoreLoads, loads, 'nothing was loaded')
})

test('warm makes the sync forms work for the records that it was given', async (t) => {
  const { metastore, records, session } = await afterRotation(t, async (before) => [
    await before.seal('x'),
    await before.seal('x', { encoding: 'base64url' }),
    Buffer.from(await before.encrypt('x')),
    await before.encrypt('x'),
  ])
  const [bytes, text, , json] = records
  const cold = coded('ERR_KEY_NOT_CACHED')
  metastore.loads = 0
  await session.warm({ records: Array.from({ length: 1000 }, (_, i) => records[i % 4]) })
  // The newest key, its parent, and one old key, whose parent is the same.
  assert.ok(metastore.loads <= 4, `${metastore.loads} loads`)
  const { loads } = metastore
  assert.equal(session.unsealStringSync(bytes), 'x')
  assert.equal(session.unsealStringSync(text), 'x')
  assert.equal(session.decryptStringSync(json), 'x')
  assert.equal(session.unsealStringSync(session.sealSync('y')), 'y')
  assert.equal(metastore.loads, loads)
  const other = (await openFactory(t, { metastore })).session('p1')
  await other.warm({ records: [] })
  other.sealSync('x')
  assert.throws(() => other.unsealSync(bytes), cold)
})

test('warm names the record that is none, and tells of a key that is missing', async (t) => {
  const { metastore, records, session } = await afterRotation(t, async (before) => [
    await before.seal('x'),
  ])
  for (const records of [{}, 'x', new Uint8Array(1), null]) {
    await assert.rejects(session.warm({ records }), coded('ERR_INVALID_ARG_TYPE'))
  }
  const endless = Object.assign([], { length: 2 ** 28 })
  await assert.rejects(session.warm({ records: endless }), coded('ERR_INVALID_ARG_VALUE'))
  await assert.rejects(session.warm({ records: [...records, 7] }), (error) => {
    assert.equal(error.code, 'ERR_INVALID_ARG_TYPE')
    assert.match(error.message, /^records\[1\] /)
    return true
  })
  const shared = new Uint8Array(new SharedArrayBuffer(50))
  await assert.rejects(session.warm({ records: [shared] }), coded('ERR_INVALID_ARG_TYPE'))
  await session.warm()
  metastore.remove(IK)
  await assert.rejects(session.warm({ records }), coded('ERR_KEY_NOT_FOUND'))
  session.sealSync('the newest key is there')
})

test('a key that is missing is told from one that is not loaded yet, also without waiting', async (t) => {
  const { metastore, records, session } = await afterRotation(t, async (before) => [
    await before.seal('x'),
  ])
  metastore.remove(IK)
  const [record] = records
  assert.throws(() => session.unsealSync(record), coded('ERR_KEY_NOT_CACHED', { retryable: true }))
  await assert.rejects(session.unseal(record), coded('ERR_KEY_NOT_FOUND', { retryable: false }))
  const { loads } = metastore
  for (let i = 0; i < 100; i++) {
    assert.throws(() => session.unsealSync(record), coded('ERR_KEY_NOT_FOUND'))
    await assert.rejects(session.unseal(record), coded('ERR_KEY_NOT_FOUND'))
  }
  assert.ok(metastore.loads <= loads + 2, `${metastore.loads - loads} more loads`)
})

test('an aborted call ends; a closed session refuses', async (t) => {
  let release
  const metastore = new Rows()
  const before = (await openFactory(t, { metastore })).session('p1')
  const record = await before.seal('x')
  const blocked = new Promise((resolve) => {
    release = resolve
  })
  const slow = {
    load: (...key) => blocked.then(() => metastore.load(...key)),
    loadLatest: (id) => (id === '_SK_' ? null : blocked.then(() => metastore.loadLatest(id))),
    store: (...row) => metastore.store(...row),
  }
  const session = (await openFactory(t, { metastore: slow })).session('p1')
  const calls = (options) => [
    session.isCurrent(record, options),
    session.reseal(record, options),
    session.warm({ records: [record], ...options }),
  ]
  const controller = new AbortController()
  const aborted = calls({ signal: controller.signal })
  const running = calls()
  controller.abort(new Error('enough'))
  await allReject(aborted, coded('ABORT_ERR', { name: 'AbortError' }))
  await allReject(calls({ signal: AbortSignal.abort() }), coded('ABORT_ERR'))
  release()
  const [isCurrent, resealed] = await Promise.all(running)
  assert.equal(isCurrent, true)
  assert.equal(await session.unsealString(resealed), 'x')
  session.close()
  await allReject(calls(), coded('ERR_SESSION_CLOSED'))
})

/** Listens to all at once: they may reject in any order. */
function allReject(calls, expected) {
  return Promise.all(calls.map((call) => assert.rejects(call, expected)))
}

test('what is no record is a type error, and unknown options are named', async (t) => {
  const session = (await openFactory(t)).session('p1')
  for (const method of ['isCurrent', 'reseal']) {
    for (const value of [undefined, null, 7, {}, [], new ArrayBuffer(50)]) {
      await assert.rejects(session[method](value), coded('ERR_INVALID_ARG_TYPE'))
    }
    await assert.rejects(session[method]('x', { nonsense: 1 }), coded('ERR_INVALID_ARG_VALUE'))
  }
  const noAad = session.isCurrent('x', { additionalData: 'x' })
  await assert.rejects(noAad, coded('ERR_INVALID_ARG_VALUE'))
})
