// A metastore that is down, slow or full, and a KMS that says no or nothing.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { SessionFactory } from 'sealdiff'
import { messages } from './support/channels.mjs'
import { coded, openFactory, options, temporaryFolder } from './support/factory.mjs'
import { startProxy } from './support/proxy.mjs'
import { freshDatabase, SERVERS, sql, whyMissing } from './support/servers.mjs'
import { until } from './support/until.mjs'

const UNAVAILABLE = { code: 'ERR_METASTORE_UNAVAILABLE', retryable: true }
/** Keys are believed for a moment, so that an outage shows at once. */
const IMPATIENT = { revokeCheckInterval: 0.2, refreshGrace: 0.2 }
const PATIENT = { revokeCheckInterval: 0.2, refreshGrace: '10m' }

/** A factory over a server behind a proxy, and the proxy. */
async function openBehindProxy(t, server, more) {
  // First, so that it is cut first: a transaction that waits behind it would hold up the database's end.
  const proxy = await startProxy(t, SERVERS[server].port)
  const database = freshDatabase(t, server)
  const url = SERVERS[server].url(database).replace(`:${SERVERS[server].port}/`, `:${proxy.port}/`)
  const metastore = { url, createTable: true, pool: { maxConnections: 3, acquireTimeout: 1 } }
  return { proxy, database, metastore, factory: await openFactory(t, { metastore, ...more }) }
}

for (const server of ['postgres', 'mysql']) {
  const skip = await whyMissing(server)

  test(`${server}: an outage within the grace disturbs nobody, and shows in stats and log`, {
    skip,
  }, async (t) => {
    const told = messages(t, ['log'])
    const { proxy, database, factory } = await openBehindProxy(t, server, { policy: PATIENT })
    const session = factory.session('p')
    const record = await session.seal('before')
    proxy.down()
    await until('a refresh fails', async () => {
      assert.equal(await session.unsealString(record), 'before')
      assert.equal(session.unsealStringSync(await session.seal('during')), 'during')
      return factory.stats().refreshFailures > 0 && factory.stats().metastoreFailures > 0
    })
    await assert.rejects(factory.session('new').seal('x'), coded(UNAVAILABLE.code, UNAVAILABLE))
    await until('the log warns', () =>
      told.some(([, { level, message }]) => level === 'warn' && /refresh/.test(message)),
    )
    proxy.up()
    sql(server, database, revocationOfAll(server))
    await until('the revocation is noticed again', async () => {
      const { length } = await session.seal('after')
      return length > 0 && rows(server, database, '\\_IK\\_p\\_%') === 2
    })
    assert.equal(await session.unsealString(record), 'before')
  })

  test(`${server}: an outage beyond the grace is an error, and over with the server’s return`, {
    skip,
  }, async (t) => {
    const { proxy, factory } = await openBehindProxy(t, server, { policy: IMPATIENT })
    const session = factory.session('p')
    const record = await session.encrypt('before')
    proxy.down()
    await until('nobody believes the key any more', () =>
      session.encrypt('x').then(
        () => false,
        (error) => {
          assert.deepEqual([error.code, error.retryable], Object.values(UNAVAILABLE))
          assert.ok(error.cause)
          return true
        },
      ),
    )
    await assert.rejects(session.decrypt(record), UNAVAILABLE)
    assert.throws(() => session.encryptSync('x'), coded('ERR_KEY_NOT_CACHED', { retryable: true }))
    await assert.rejects(factory.ping(), UNAVAILABLE)
    proxy.up()
    assert.equal(await session.decryptString(record), 'before')
    assert.equal(await session.decryptString(await session.encrypt('after')), 'after')
  })

  test(`${server}: one that takes 10 s meets the timeout, and holds on to nothing`, {
    skip,
  }, async (t) => {
    const { proxy, factory } = await openBehindProxy(t, server, { timeout: 0.5 })
    await factory.session('known').warm()
    proxy.slow(10_000)
    const started = performance.now()
    const calls = Array.from({ length: 50 }, (_, i) => factory.session(`p${i}`).seal('x'))
    for (const { reason } of await Promise.allSettled(calls)) {
      assert.deepEqual([reason?.code, reason?.retryable], Object.values(UNAVAILABLE))
    }
    const took = performance.now() - started
    assert.ok(took > 450 && took < 9000, `${took} ms`)
    assert.equal((await factory.session('known').seal('x')).length, 47, 'a cached key goes on')
    proxy.quick()
    const record = await factory.session('p0').seal('quick')
    assert.equal(await factory.session('p0').unsealString(record), 'quick')
    await until('no more connections than allowed', () => proxy.connections() <= 3)
    await factory.close()
    await until('all connections are closed', () => proxy.connections() === 0)
  })

  test(`${server}: one that is away at the start is met when it is there`, { skip }, async (t) => {
    const { proxy, metastore } = await openBehindProxy(t, server)
    proxy.down()
    const open = () => SessionFactory.open(options({ metastore, timeout: 2 }))
    await assert.rejects(open(), UNAVAILABLE)
    proxy.up()
    const factory = await open()
    t.after(() => factory.close())
    assert.equal((await factory.session('p').seal('x')).length, 47)
  })
}

test('a full disk is an error that stores nothing, and over once there is room', {
  skip: process.getuid?.() !== 0 && 'only root can mount a small disk',
}, async (t) => {
  const disk = smallDisk(t, '400k')
  const metastore = `sqlite:${path.join(disk, 'keys.db')}`
  const writer = await openFactory(t, { metastore })
  const records = [await writer.session('p').seal('p')]
  const filler = path.join(disk, 'filler')
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(filler, Buffer.alloc((bavail - 4) * bsize))
  const isFull = async () => {
    const id = `p${records.length}`
    try {
      records.push(await writer.session(id).seal(id))
    } catch (error) {
      assert.equal(error.code, UNAVAILABLE.code)
      assert.match(`${error.cause?.message}`, /full|I\/O/)
      return true
    }
    return false
  }
  await until('the disk is full', isFull)
  assert.equal(await writer.session('p').unsealString(records[0]), 'p')
  const reader = await openFactory(t, { metastore })
  for (const [i, record] of records.entries()) {
    const id = i === 0 ? 'p' : `p${i}`
    assert.equal(await reader.session(id).unsealString(record), id)
  }
  rmSync(filler)
  const id = `p${records.length}`
  const record = await writer.session(id).seal(id)
  assert.equal(await reader.session(id).unsealString(record), id)
})

/** A file system of its own. */
function smallDisk(t, size) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-disk-'))
  const run = (...command) => spawnSync(command[0], command.slice(1), { encoding: 'utf8' })
  t.after(() => {
    run('umount', '--lazy', folder)
    rmdirSync(folder)
  })
  const { status, stderr } = run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder)
  assert.equal(status, 0, stderr)
  return folder
}

/** A KMS that hides keys by a mask, and is away as `fail` says. */
function failingKms() {
  const mask = (bytes) => Uint8Array.from(bytes, (byte) => byte ^ 0x5a)
  const kms = {
    fail: () => {},
    async encryptKey(key) {
      await kms.fail()
      return mask(key)
    },
    async decryptKey(key) {
      await kms.fail()
      return mask(key)
    },
  }
  return kms
}

const throttled = () => {
  throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })
}
const denied = () => {
  throw Object.assign(new Error('not authorized'), { retryable: false })
}
const silent = () => new Promise(() => {})

for (const [name, fail] of Object.entries({ throttled, silent })) {
  test(`a kms that is ${name} is an outage: cached keys serve, others wait for its return`, async (t) => {
    const kms = failingKms()
    const metastore = `sqlite:${path.join(temporaryFolder(t), 'keys.db')}`
    const more = { kms, metastore, policy: PATIENT, timeout: 2 }
    const factory = await openFactory(t, more)
    const session = factory.session('p')
    const record = await session.seal('before')
    kms.fail = fail
    await until('a refresh fails', async () => {
      assert.equal(await session.unsealString(record), 'before')
      await session.seal('x')
      return factory.stats().kmsFailures > 0
    })
    const cold = await openFactory(t, more)
    await assert.rejects(cold.session('p').unseal(record), (error) => {
      assert.deepEqual([error.code, error.retryable], ['ERR_KMS_UNAVAILABLE', true])
      assert.ok(error.cause)
      return true
    })
    kms.fail = () => {}
    assert.equal(await cold.session('p').unsealString(record), 'before')
  })
}

test('a kms that denies ends cached keys at their refresh, and serves again once it allows', async (t) => {
  const kms = failingKms()
  const factory = await openFactory(t, { kms, policy: PATIENT })
  const session = factory.session('p')
  const record = await session.seal('before')
  kms.fail = denied
  await until(
    'the denial is noticed',
    () =>
      session.seal('x').then(
        () => false,
        (error) => {
          assert.deepEqual([error.code, error.retryable], ['ERR_KMS_REFUSED', false])
          return true
        },
      ),
    90,
  )
  await assert.rejects(session.unseal(record), coded('ERR_KMS_REFUSED'))
  kms.fail = () => {}
  assert.equal(await session.unsealString(record), 'before')
})

function revocationOfAll(server) {
  return server === 'postgres'
    ? `UPDATE encryption_key SET key_record = jsonb_set(key_record::jsonb, '{Revoked}', 'true')`
    : `UPDATE encryption_key SET key_record = JSON_SET(key_record, '$.Revoked', TRUE)`
}

function rows(server, database, id) {
  return Number(sql(server, database, `SELECT count(*) FROM encryption_key WHERE id LIKE '${id}'`))
}
