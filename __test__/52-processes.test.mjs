// Several processes over one metastore: races, forks, sudden ends, and a rotation under load.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inspect, SessionFactory } from 'sealdiff'
import { openFactory, options } from './support/factory.mjs'
import { insert, minutesAgo, newKey } from './support/key-rows.mjs'
import { freshDatabase, SERVERS, sql, whyMissing } from './support/servers.mjs'
import { until } from './support/until.mjs'

const PROGRAM = fileURLToPath(new URL('./support/process.mjs', import.meta.url))

function start(t, job) {
  const child = fork(PROGRAM, [JSON.stringify(job)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

/** The next message of a child; fails if it ends without one. */
async function answer(child) {
  const ended = new AbortController()
  // Comes after every message; the exit of a process can be told of before its last one.
  child.once('disconnect', () => ended.abort())
  const [message] = await once(child, 'message', { signal: ended.signal })
  return message
}

/** Has a process that was just started read everything; gives what it can't read. */
async function unreadable(t, metastore, records) {
  const child = start(t, { job: 'read', metastore })
  await answer(child)
  child.send(records)
  return (await answer(child)).failures
}

function count(server, database, pattern) {
  return Number(sql(server, database, `SELECT count(*) FROM encryption_key ${where(pattern)}`))
}

/** `_` is itself, `%` is not. */
function where(pattern) {
  return `WHERE id LIKE '${pattern.replaceAll('_', '!_')}' ESCAPE '!'`
}

async function openDatabase(t, server) {
  const database = freshDatabase(t, server)
  const metastore = { url: SERVERS[server].url(database), createTable: true }
  const factory = await SessionFactory.open(options({ metastore }))
  await factory.close()
  return { database, metastore }
}

for (const server of ['sqlite', 'postgres', 'mysql']) {
  const skip = await whyMissing(server)

  test(`${server}: eight processes that race for the first keys end with one of each`, {
    skip,
  }, async (t) => {
    const { database, metastore } = await openDatabase(t, server)
    const children = Array.from({ length: 8 }, () => start(t, { job: 'race', metastore }))
    await Promise.all(children.map(answer))
    for (const child of children) child.send('go')
    const answers = await Promise.all(children.map(answer))
    assert.deepEqual([count(server, database, '_SK_%'), count(server, database, '_IK_%')], [1, 1])
    const records = answers.map((record) => ({ partition: 'p', data: 'x', ...record }))
    assert.deepEqual(await unreadable(t, metastore, records), [])
  })

  test(`${server}: after a process was killed in mid-store the next one goes on`, {
    skip,
  }, async (t) => {
    const { metastore } = await openDatabase(t, server)
    const records = []
    for (let round = 0; round < 3; round++) {
      const child = start(t, { job: 'storeForEver', metastore })
      child.on('message', (record) => records.push(record))
      const enough = records.length + 20 + 7 * round
      await until('keys were stored', () => records.length >= enough)
      child.kill('SIGKILL')
      const [, signal] = await once(child, 'exit')
      assert.equal(signal, 'SIGKILL')
    }
    const factory = await openFactory(t, { metastore })
    const [{ partition }] = records
    const sealed = (await factory.session(partition).seal(partition)).toString('base64')
    assert.equal(factory.stats().metastoreStores, 0, 'under the key of the killed process')
    records.push({ partition, sealed })
    assert.deepEqual(await unreadable(t, metastore, records), [])
  })

  test(`${server}: no record of 2 000 calls at once is lost while 500 partitions rotate`, {
    skip,
  }, async (t) => {
    const { database, metastore } = await openDatabase(t, server)
    const partitions = Array.from({ length: 500 }, (_, i) => `p${i}`)
    const old = storeOldKeys(server, database, partitions)
    // The keys of the old minute expire 5 s from now, while they are in use.
    const expireAfter = Math.ceil(Date.now() / 1000) + 5 - old
    const policy = { expireAfter, revokeCheckInterval: 0.5, refreshGrace: 5 }
    const factories = [
      await openFactory(t, { metastore, policy }),
      await openFactory(t, { metastore, policy }),
    ]
    const records = []
    const isNew = new Set()
    const write = async (factory, partition) => {
      const session = factory.session(partition)
      const text = await session.encrypt(partition)
      const sealed = await session.seal(partition)
      const { keyCreated } = inspect(sealed)
      if (keyCreated > old && inspect(text).keyCreated > old) isNew.add(partition)
      records.push({ partition, text, sealed: sealed.toString('base64') })
    }
    const end = performance.now() + 120_000
    const calls = Array.from({ length: 2000 }, async (_, i) => {
      do {
        await write(factories[i % 2], partitions[i % 500])
        await setTimeout(200)
      } while (isNew.size < partitions.length && performance.now() < end)
    })
    await setTimeout(500)
    sql(server, database, revocation(server, '_IK_p%1_svc_prod'))
    await Promise.all(calls)
    assert.equal(isNew.size, partitions.length, 'every partition has a new key')
    const isOld = ({ text }) => inspect(text).keyCreated === old
    assert.ok(records.some(isOld), 'the rotation began in mid-use')
    t.diagnostic(`${records.length * 2} records, ${count(server, database, '_IK_%')} keys`)
    assert.deepEqual(await unreadable(t, metastore, records), [])
  })
}

test('a forked process has no part in its parent’s factories, and opens its own', async (t) => {
  const { metastore } = await openDatabase(t, 'sqlite')
  const factory = await openFactory(t, { metastore })
  await factory.session('p').warm()
  const { code, sealed } = await answer(
    start(t, { job: 'forked', metastore, handle: factory.handle() }),
  )
  assert.equal(code, 'ERR_HANDLE_INVALID')
  assert.equal(await factory.session('p').unsealString(Buffer.from(sealed, 'base64')), 'p')
})

/** One system key and one intermediate key per partition, two minutes old. */
function storeOldKeys(server, database, partitions) {
  const created = minutesAgo(2)
  const systemKey = newKey('_SK_svc_prod', created)
  const keys = partitions.map((id) => newKey(`_IK_${id}_svc_prod`, created, systemKey))
  sql(server, database, [systemKey, ...keys].map(insert).join('\n'))
  return created
}

/** As docs/key-rotation.md has it. */
function revocation(server, pattern) {
  const record = {
    postgres: `jsonb_set(key_record::jsonb, '{Revoked}', 'true')`,
    mysql: `JSON_SET(key_record, '$.Revoked', TRUE)`,
    sqlite: `json_set(key_record, '$.Revoked', json('true'))`,
  }[server]
  return `UPDATE encryption_key SET key_record = ${record} ${where(pattern)}`
}
