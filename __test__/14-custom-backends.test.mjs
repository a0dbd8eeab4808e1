// A metastore and a key management service of the user's own.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { SessionFactory } from 'sealdiff'
import { coded, openFactory, options } from './support/factory.mjs'

/** A metastore over a Map, that writes down its calls. */
function mapStore() {
  const rows = new Map()
  const calls = []
  const versions = (id) => [...rows.keys()].filter((key) => key.startsWith(`${id}@`))
  return {
    rows,
    calls,
    async load(id, created) {
      calls.push('load')
      return rows.get(`${id}@${created}`) ?? null
    },
    async loadLatest(id) {
      calls.push('loadLatest')
      const newest = versions(id).sort().at(-1)
      return newest === undefined ? null : rows.get(newest)
    },
    async store(id, created, record) {
      calls.push('store')
      const key = `${id}@${created}`
      if (rows.has(key)) return false
      rows.set(key, record)
      return true
    },
  }
}

/** A service that hides keys by a mask: not safe, but its own inverse. */
function maskingKms() {
  const calls = []
  const mask = (bytes) => Uint8Array.from(bytes, (byte) => byte ^ 0x5a)
  return {
    calls,
    async encryptKey(key) {
      calls.push(`encrypt ${key.length}`)
      return mask(key)
    },
    async decryptKey(encryptedKey) {
      calls.push(`decrypt ${encryptedKey.length}`)
      return mask(encryptedKey)
    },
  }
}

test('keys live in the user’s own store, wrapped by the user’s own service', async (t) => {
  const [metastore, kms] = [mapStore(), maskingKms()]
  const first = await openFactory(t, { metastore, kms })
  const record = await first.session('p1').seal('x')
  assert.deepEqual(kms.calls, ['encrypt 32'])
  assert.deepEqual(
    [...metastore.rows.keys()].map((key) => key.split('@')[0]),
    ['_SK_svc_prod', '_IK_p1_svc_prod'],
  )
  await first.close()

  const second = await openFactory(t, { metastore, kms })
  assert.equal(await second.session('p1').unsealString(record), 'x')
  assert.deepEqual(kms.calls, ['encrypt 32', 'decrypt 32'])
})

test('methods may answer at once, and use their own this', async (t) => {
  class Store {
    #rows = new Map()
    load(id, created) {
      return this.#rows.get(`${id}@${created}`)
    }
    loadLatest(id) {
      return [...this.#rows].filter(([key]) => key.startsWith(`${id}@`)).at(-1)?.[1]
    }
    store(id, created, record) {
      this.#rows.set(`${id}@${created}`, record)
      return true
    }
  }
  const session = (await openFactory(t, { metastore: new Store() })).session('p1')
  assert.equal(await session.unsealString(await session.seal('x')), 'x')
})

test('what a metastore throws is the cause of our error', async (t) => {
  const metastore = mapStore()
  const factory = await openFactory(t, { metastore })
  for (const thrown of [new TypeError('own'), 'a string', undefined, null, 7]) {
    metastore.loadLatest = () => {
      throw thrown
    }
    await assert.rejects(factory.session('p1').seal('x'), (error) => {
      assert.equal(error.code, 'ERR_METASTORE_UNAVAILABLE')
      assert.equal(error.retryable, true)
      if (thrown instanceof Error) assert.equal(error.cause, thrown)
      return true
    })
  }
})

test('what a kms throws is an outage, or a refusal if it is not retryable', async (t) => {
  const kms = maskingKms()
  const factory = await openFactory(t, { kms })
  const outage = new Error('no answer')
  kms.encryptKey = async () => {
    throw outage
  }
  await assert.rejects(factory.session('p1').seal('x'), (error) => {
    assert.deepEqual(
      [error.code, error.retryable, error.cause],
      ['ERR_KMS_UNAVAILABLE', true, outage],
    )
    return true
  })
  const denial = Object.assign(new Error('denied'), { retryable: false })
  kms.encryptKey = () => Promise.reject(denial)
  await assert.rejects(factory.session('p1').seal('x'), (error) => {
    assert.deepEqual([error.code, error.retryable, error.cause], ['ERR_KMS_REFUSED', false, denial])
    return true
  })
})

test('answers of another type or length are refused by name', async (t) => {
  const cases = {
    'metastore.loadLatest()': { metastore: { ...mapStore(), loadLatest: async () => ({}) } },
    'metastore.store()': { metastore: { ...mapStore(), store: async () => 1 } },
    'kms.encryptKey()': { kms: { ...maskingKms(), encryptKey: async () => 'text' } },
  }
  for (const [name, overrides] of Object.entries(cases)) {
    // Opening asks the metastore for a sign of life, so that a wrong one shows at once.
    const sealing = async () => (await openFactory(t, overrides)).session('p1').seal('x')
    await assert.rejects(sealing(), (error) => {
      assert.match(error.code, /^ERR_(METASTORE_UNAVAILABLE|KMS_REFUSED)$/)
      assert.match(error.cause.message, new RegExp(`^${name.replace(/[.()]/g, '\\$&')} must`))
      return true
    })
  }
  const metastore = mapStore()
  await (await openFactory(t, { metastore, kms: maskingKms() })).session('p1').seal('x')
  const short = { ...maskingKms(), decryptKey: async () => new Uint8Array(31) }
  const factory = await openFactory(t, { metastore, kms: short })
  await assert.rejects(factory.session('p1').seal('x'), coded('ERR_KMS_REFUSED'))
})

test('rows that are no key records are invalid keys', async () => {
  const metastore = { ...mapStore(), loadLatest: async () => '{"Created":1' }
  await assert.rejects(SessionFactory.open(options({ metastore })), (error) => {
    assert.match(error.code, /^ERR_(METASTORE_UNAVAILABLE|KEY_INVALID)$/)
    return true
  })
})

test('a newest key from the far future names the clock', async (t) => {
  const created = Math.floor(Date.now() / 1000) + 3 * 86_400
  const row = JSON.stringify({ Created: created, Key: 'AAAA' })
  const metastore = { ...mapStore(), loadLatest: async (id) => (id === '_SK_' ? null : row) }
  const factory = await openFactory(t, { metastore })
  await assert.rejects(
    factory.session('p').seal('x'),
    coded('ERR_CLOCK_SKEW', { retryable: false }),
  )
})

test('a race that is always lost ends as a conflict', async (t) => {
  const metastore = { ...mapStore(), store: async () => false }
  const factory = await openFactory(t, { metastore })
  await assert.rejects(
    factory.session('p').seal('x'),
    coded('ERR_METASTORE_CONFLICT', { retryable: true }),
  )
})

test('a key row that another master key wrapped is refused, an altered one is invalid', async (t) => {
  const metastore = mapStore()
  const record = await (await openFactory(t, { metastore })).session('p1').seal('x')
  const other = { type: 'static', key: Buffer.alloc(32, 9) }
  const stranger = await openFactory(t, { metastore, kms: other })
  await assert.rejects(stranger.session('p1').unseal(record), coded('ERR_KMS_REFUSED'))
  for (const [key, text] of metastore.rows) {
    if (!key.startsWith('_IK_')) continue
    const row = JSON.parse(text)
    const wrapped = Buffer.from(row.Key, 'base64')
    wrapped[0] ^= 1
    metastore.rows.set(key, JSON.stringify({ ...row, Key: wrapped.toString('base64') }))
  }
  const factory = await openFactory(t, { metastore })
  await assert.rejects(
    factory.session('p1').unseal(record),
    coded('ERR_KEY_INVALID', { retryable: false }),
  )
})

test('a method that never settles meets the timeout', async (t) => {
  const metastore = mapStore()
  const factory = await openFactory(t, { metastore, timeout: 0.05 })
  metastore.loadLatest = () => new Promise(() => {})
  await assert.rejects(factory.session('p1').seal('x'), (error) => {
    assert.equal(error.code, 'ERR_METASTORE_UNAVAILABLE')
    assert.match(error.cause.message, /no answer within 50 ms/)
    return true
  })
})

test('missing methods are refused by name', async () => {
  for (const [name, given] of Object.entries({
    'metastore.load': { metastore: { loadLatest() {}, store() {} } },
    'metastore.store': { metastore: { load() {}, loadLatest() {}, store: true } },
    'kms.decryptKey': { kms: { encryptKey() {} } },
    'kms.encryptKey': { kms: { decryptKey() {} } },
  })) {
    await assert.rejects(SessionFactory.open(options(given)), {
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      message: `${name} must be a function`,
    })
  }
})

test('another thread uses them too, and is told when their thread has ended', async (t) => {
  const opener = new Worker(new URL('./support/worker.mjs', import.meta.url), {
    workerData: { job: 'openOwn' },
  })
  t.after(() => opener.terminate())
  const [{ handle, record }] = await once(opener, 'message')
  const factory = SessionFactory.attach(handle)
  t.after(() => factory.close())
  assert.equal(await factory.session('p1').unsealString(Buffer.from(record)), 'from the opener')
  assert.equal((await factory.session('p2').seal('x')).length, 47)
  await opener.terminate()
  await assert.rejects(
    factory.session('p3').seal('x'),
    coded('ERR_METASTORE_UNAVAILABLE', { retryable: false }),
  )
  assert.equal(factory.session('p2').sealSync('x').length, 47, 'a cached key goes on')
})

test('idle custom backends do not keep the event loop alive', async () => {
  const { spawnSync } = await import('node:child_process')
  const program = `
    const { SessionFactory } = require('sealdiff')
    const rows = new Map()
    SessionFactory.open({
      serviceId: 's', productId: 'p',
      metastore: {
        load: async (id, created) => rows.get(id + created),
        loadLatest: async (id) => [...rows].filter(([key]) => key.startsWith(id)).at(-1)?.[1],
        store: async (id, created, record) => Boolean(rows.set(id + created, record)),
      },
      kms: { encryptKey: async (key) => key, decryptKey: async (key) => key },
    }).then((factory) => factory.session('p').seal('x')).then(({ length }) => console.log(length))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  assert.deepEqual([status, stdout, stderr], [0, '47\n', ''])
})
