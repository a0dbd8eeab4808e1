// Key rows that operators, other programs or failing disks spoilt: named as such, never taken for absent.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coded, openFactory } from './support/factory.mjs'
import { insert, minutesAgo, newKey } from './support/key-rows.mjs'
import { freshDatabase, SERVERS, sql, whyMissing } from './support/servers.mjs'

const SYSTEM_ID = '_SK_svc_prod'
const PARTITION_ID = '_IK_p_svc_prod'

const changed = (change) => (record) => JSON.stringify({ ...JSON.parse(record), ...change })
const keyCutTo = (length) => (record) =>
  changed({
    Key: Buffer.from(JSON.parse(record).Key, 'base64').subarray(0, length).toString('base64'),
  })(record)
const parentNamed = (KeyId) => (record) =>
  changed({ ParentKeyMeta: { ...JSON.parse(record).ParentKeyMeta, KeyId } })(record)
const bitFlipped = (record) => {
  const key = Buffer.from(JSON.parse(record).Key, 'base64')
  key[7] ^= 1
  return changed({ Key: key.toString('base64') })(record)
}

/** What may lie in `key_record`, for a key of either kind. */
const UNREADABLE = {
  'is empty': () => '',
  'is no JSON': () => 'not a record',
  'is truncated': (record) => record.slice(0, record.length / 2),
  'is JSON of another shape': () => '[1]',
  'has no key': changed({ Key: undefined }),
  'has a key that is no base64': changed({ Key: '?' }),
  'has a time that is no number': changed({ Created: 'now' }),
  'has another time than its row': changed({ Created: 1 }),
}
const SPOILT_INTERMEDIATE_KEY = {
  ...UNREADABLE,
  'is altered': bitFlipped,
  'holds a key that was cut': keyCutTo(40),
  'names no parent': changed({ ParentKeyMeta: undefined }),
  'names a parent of another service': parentNamed('_SK_foreign_prod'),
  'names an intermediate key as parent': parentNamed(PARTITION_ID),
}
const REFUSED_SYSTEM_KEY = { 'is altered': bitFlipped, 'holds a key that was cut': keyCutTo(40) }

for (const server of ['sqlite', 'postgres', 'mysql']) {
  const skip = await whyMissing(server)
  const cases = [
    ...entries(PARTITION_ID, SPOILT_INTERMEDIATE_KEY, 'ERR_KEY_INVALID'),
    ...entries(SYSTEM_ID, UNREADABLE, 'ERR_KEY_INVALID'),
    ...entries(SYSTEM_ID, REFUSED_SYSTEM_KEY, 'ERR_KMS_REFUSED'),
  ]

  test(`${server}: a spoilt key row is told from a missing one, and nothing is written over it`, {
    skip,
  }, async (t) => {
    const { open, text, sealed, run } = await written(t, server)
    for (const { id, how, spoil, code } of cases) {
      const [good] = run(`SELECT key_record FROM encryption_key WHERE id = '${id}'`)
      run(update(id, spoil(good)))
      const session = (await open()).session('p')
      const calls = {
        decrypt: () => session.decrypt(text),
        unseal: () => session.unseal(sealed),
        encrypt: () => session.encrypt('x'),
        seal: () => session.seal('x'),
      }
      for (const [name, call] of Object.entries(calls)) {
        await assert.rejects(call, coded(code, { retryable: false }), `${name}: ${id} ${how}`)
      }
      run(update(id, good))
    }
    assert.deepEqual(run('SELECT count(*) FROM encryption_key'), ['2'])
    const session = (await open()).session('p')
    assert.equal(await session.decryptString(text), 'x')
    assert.equal(await session.unsealString(sealed), 'x')
  })

  test(`${server}: a lost key row is ERR_KEY_NOT_FOUND, and is never made up`, {
    skip,
  }, async (t) => {
    for (const id of [PARTITION_ID, SYSTEM_ID]) {
      const { open, text, sealed, run } = await written(t, server)
      run(`DELETE FROM encryption_key WHERE id = '${id}'`)
      const factory = await open()
      const session = factory.session('p')
      const missing = coded('ERR_KEY_NOT_FOUND', { retryable: false })
      await assert.rejects(session.decrypt(text), missing)
      await assert.rejects(session.unseal(sealed), missing)
      assert.equal(factory.stats().metastoreStores, 0)
      assert.deepEqual(run('SELECT count(*) FROM encryption_key'), ['1'])
    }
  })

  test(`${server}: rows of other programs, and of other partitions, are left alone`, {
    skip,
  }, async (t) => {
    const { open, text, run } = await written(t, server)
    const foreign = newKey('__some_guard_row:x', minutesAgo(1))
    const other = newKey('_IK_p_svc_prod_eu-west-1', minutesAgo(0), foreign)
    run([foreign, other].map(insert).join('\n'))
    const factory = await open()
    assert.equal(await factory.session('p').decryptString(text), 'x')
    assert.equal((await factory.session('p').seal('x')).length, 47)
    assert.equal(factory.stats().metastoreStores, 0)
    assert.deepEqual(run('SELECT count(*) FROM encryption_key'), ['4'])
  })
}

test('a wrong tenant, a forgery, a lost key and an outage are four codes, and write nothing', async (t) => {
  const server = 'sqlite'
  const database = freshDatabase(t, server)
  const metastore = { url: SERVERS[server].url(database), createTable: true }
  const writer = await openFactory(t, { metastore })
  const text = await writer.session('p').encrypt('x')
  const forged = JSON.parse(text)
  forged.Data = `${forged.Data[0] === 'A' ? 'B' : 'A'}${forged.Data.slice(1)}`
  const lost = JSON.parse(text)
  lost.Key.ParentKeyMeta.Created -= 60
  const factory = await openFactory(t, { metastore })
  const session = factory.session('p')
  const cases = {
    ERR_PARTITION_MISMATCH: () => factory.session('another').decrypt(text),
    ERR_DECRYPT_FAILED: () => session.decrypt(JSON.stringify(forged)),
    ERR_KEY_NOT_FOUND: () => session.decrypt(JSON.stringify(lost)),
    ERR_METASTORE_UNAVAILABLE: () => {
      sql(server, database, 'ALTER TABLE encryption_key RENAME TO away')
      return factory.session('new').encrypt('x')
    },
  }
  for (const [code, call] of Object.entries(cases)) await assert.rejects(call, coded(code))
  assert.equal(factory.stats().metastoreStores, 0)
  assert.deepEqual(sql(server, database, 'SELECT count(*) FROM away'), ['2'])
})

function entries(id, spoilers, code) {
  return Object.entries(spoilers).map(([how, spoil]) => ({ id, how, spoil, code }))
}

/** One record of either format, and the two rows that they need. */
async function written(t, server) {
  const database = freshDatabase(t, server)
  const metastore = { url: SERVERS[server].url(database), createTable: true }
  const open = () => openFactory(t, { metastore })
  const session = (await open()).session('p')
  const [text, sealed] = [await session.encrypt('x'), await session.seal('x')]
  return { open, text, sealed, run: (statements) => sql(server, database, statements) }
}

function update(id, record) {
  const literal = record.replaceAll("'", "''")
  return `UPDATE encryption_key SET key_record = '${literal}' WHERE id = '${id}'`
}
