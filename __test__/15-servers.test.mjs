// PostgreSQL and MySQL as metastores, through the public API. The servers are this machine's own.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { SessionFactory } from 'sealdiff'
import { coded, openFactory, options } from './support/factory.mjs'
import { SECRET, shown } from './support/hostile.mjs'

const SERVERS = {
  postgres: {
    port: 5432,
    url: 'postgres://root@127.0.0.1:5432/test?sslmode=disable',
    client: ['psql', '-h', '127.0.0.1', '-U', 'root', '-d', 'test', '-qc'],
  },
  mysql: {
    port: 3306,
    url: 'mysql://root@127.0.0.1:3306/test?sslmode=disable',
    client: ['mariadb', '-h', '127.0.0.1', '-u', 'root', 'test', '-e'],
  },
}

async function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.end(() => resolve(true)))
    socket.once('error', () => resolve(false))
  })
}

for (const [name, { port, url, client }] of Object.entries(SERVERS)) {
  const missing = !(await isListening(port)) && `no ${name} at 127.0.0.1:${port}`
  if (missing && process.env.CI) throw new Error(missing)
  const table = `sealdiff_js_${randomBytes(6).toString('hex')}`
  if (!missing) {
    const [command, ...args] = client
    after(() => spawnSync(command, [...args, `DROP TABLE IF EXISTS ${table}`]))
  }

  test(`${name}: records outlive the factory that wrote them`, { skip: missing }, async (t) => {
    const metastore = { url, table, createTable: true, pool: { maxConnections: 2 } }
    const first = await openFactory(t, { metastore })
    const records = await Promise.all(
      ['a', 'B', 'b', 'ü'].map((id) => first.session(id).seal(`of ${id}`)),
    )
    const encrypted = await first.session('a').encrypt('y')
    await first.close()
    const second = await openFactory(t, { metastore: url, table })
    for (const [i, id] of ['a', 'B', 'b', 'ü'].entries()) {
      assert.equal(await second.session(id).unsealString(records[i]), `of ${id}`)
    }
    assert.equal(await second.session('a').decryptString(encrypted), 'y')
    assert.equal(second.stats().metastoreStores, 0)
  })

  test(`${name}: a missing table is an error, and is not made unasked`, {
    skip: missing,
  }, async () => {
    const opening = () => SessionFactory.open(options({ metastore: url, table: `${table}_none` }))
    await assert.rejects(opening(), coded('ERR_METASTORE_UNAVAILABLE', { retryable: false }))
    await assert.rejects(opening(), coded('ERR_METASTORE_UNAVAILABLE'))
  })

  test(`${name}: a server that does not answer is worth a retry, and no password is shown`, async () => {
    const down = url.replace('root@', `root:${SECRET}@`).replace(String(port), '1')
    const metastore = { url: down, pool: { acquireTimeout: 1 } }
    await assert.rejects(SessionFactory.open(options({ metastore, timeout: 2 })), (error) => {
      assert.deepEqual([error.code, error.retryable], ['ERR_METASTORE_UNAVAILABLE', true])
      assert.ok(!shown(error).includes(SECRET), shown(error))
      return true
    })
  })

  test(`${name}: options are refused by name`, async () => {
    for (const [metastore, message] of [
      [{ url: 1 }, /^metastore\.url must be a string/],
      [{ url, encrypt: true }, /^metastore\.encrypt is not an option/],
      [{ url, pool: { size: 1 } }, /^metastore\.pool\.size is not an option/],
      [{ url, pool: { maxConnections: 0 } }, /^metastore\.pool\.maxConnections must/],
      [{ url, tls: { cert: 'x' } }, /^metastore\.tls must have both/],
      [{ url, tls: { ca: 1 } }, /^metastore\.tls\.ca must/],
      [`${url}&timezone=UTC`, /timezone/],
      [`${name}:`, /^metastore must be/],
    ]) {
      await assert.rejects(SessionFactory.open(options({ metastore })), (error) => {
        assert.match(error.code, /^ERR_INVALID_ARG_/)
        assert.match(error.message, message)
        return true
      })
    }
  })
}
