// Key rows and records, exchanged with other implementations of Asherah over one database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'sealdiff'
import { openFactory } from './support/factory.mjs'
import { insert, minutesAgo, newKey } from './support/key-rows.mjs'
import { ask, PEERS, whyMissingPeer } from './support/peers.mjs'
import { freshDatabase, SERVERS, sql, whyMissing } from './support/servers.mjs'

/** Where rows are kept: PostgreSQL's column in two of its types, and MySQL's. */
const PLACES = {
  'postgres, TEXT': { server: 'postgres' },
  'postgres, JSONB': { server: 'postgres', column: 'JSONB' },
  mysql: { server: 'mysql' },
}

/** Ids that writers of JSON, and of SQL, escape in different ways. */
const PARTITIONS = [
  ...['p1', 'a&b', '<x>', '"q"', "it's", 'back\\slash', 'a/b', 'a b', 'a+b', 'a_b', '%41'],
  ...['ü', '日本', '😀', 'tab\tx', '\u2028', '\u007f', '\u0001'],
]
const SERVICES = { 'a plain service id': 'svc', 'an ampersand': 's&v', 'a quotation mark': 's"v' }

/** Cases that are not exchanged with a peer, by name. */
const LEFT_OUT = {
  go: [],
  rust: ['postgres, TEXT', 'a quotation mark'],
}
const peersOf = (...cases) =>
  Object.keys(PEERS).filter((peer) => !cases.some((name) => LEFT_OUT[peer].includes(name)))

async function openPlace(t, place, serviceId = 'svc') {
  const { server, column } = PLACES[place]
  const database = freshDatabase(t, server)
  if (column) {
    const columns = `id VARCHAR(255) NOT NULL, created TIMESTAMP NOT NULL, key_record ${column} NOT NULL`
    sql(server, database, `CREATE TABLE encryption_key (${columns}, PRIMARY KEY (id, created))`)
  }
  const open = () =>
    openFactory(t, {
      serviceId,
      metastore: { url: SERVERS[server].url(database), createTable: true },
    })
  const where = { server, database, serviceId }
  await (await open()).ping()
  return {
    open,
    ask: (peer, jobs) => ask(peer, where, jobs),
    sql: (statements) => sql(server, database, statements),
    keysLike: (id) =>
      sql(server, database, `SELECT count(*) FROM encryption_key WHERE id LIKE '${id}'`)[0],
  }
}

/** Records of the peer, one job each; fails with the peer's own words. */
async function encryptedBy({ ask }, peer, jobs) {
  const answers = await ask(peer, jobs)
  return answers.map(({ record, error }) => record ?? assert.fail(error))
}

for (const [place, { server }] of Object.entries(PLACES)) {
  const noServer = await whyMissing(server)
  const skipOf = (peers) => noServer || peers.map(whyMissingPeer).find(Boolean) || false

  for (const [named, serviceId] of Object.entries(SERVICES)) {
    for (const peer of Object.keys(PEERS)) {
      const isLeftOut = !peersOf(place, named).includes(peer) && `not exchanged: ${place}, ${named}`
      test(`${place}: ${peer} and we read each other’s keys and records, ${named}`, {
        skip: isLeftOut || skipOf([peer]),
      }, async (t) => {
        const shared = await openPlace(t, place, serviceId)
        const theirs = await encryptedBy(
          shared,
          peer,
          PARTITIONS.map((partition) => ({ partition, data: `of ${partition}` })),
        )
        const factory = await shared.open()
        for (const [i, id] of PARTITIONS.entries()) {
          assert.equal(await factory.session(id).decryptString(theirs[i]), `of ${id}`)
        }
        assert.equal(factory.stats().metastoreStores, 0)
        const ours = PARTITIONS.map(async (id) => {
          const partition = `ours ${id}`
          return { partition, record: await factory.session(partition).encrypt(`of ${id}`) }
        })
        const answers = await shared.ask(peer, await Promise.all(ours))
        assert.deepEqual(
          answers,
          PARTITIONS.map((id) => ({ data: `of ${id}` })),
        )
      })
    }
  }

  for (const first of ['sealdiff', ...peersOf(place)]) {
    const peers = peersOf(place)
    test(`${place}: all write under the key that ${first} made, and read all records`, {
      skip: skipOf(peers),
    }, async (t) => {
      const shared = await openPlace(t, place)
      const factory = await shared.open()
      const write = async (who) =>
        who === 'sealdiff'
          ? factory.session('p').encrypt(`of ${who}`)
          : (await encryptedBy(shared, who, [{ partition: 'p', data: `of ${who}` }]))[0]
      const writers = [first, ...['sealdiff', ...peers].filter((who) => who !== first)]
      const jobs = []
      for (const who of writers) jobs.push({ partition: 'p', record: await write(who) })
      assert.equal(shared.keysLike('\\_IK%'), '1')
      const expected = writers.map((who) => ({ data: `of ${who}` }))
      for (const peer of peers) assert.deepEqual(await shared.ask(peer, jobs), expected)
      const session = (await shared.open()).session('p')
      for (const [i, { record }] of jobs.entries()) {
        assert.equal(await session.decryptString(record), expected[i].data)
      }
    })
  }

  const peers = peersOf(place)
  test(`${place}: a key revoked in the table writes for nobody and reads for all`, {
    skip: skipOf(peers),
  }, async (t) => {
    const shared = await openPlace(t, place)
    const systemKey = newKey('_SK_svc_prod', minutesAgo(30))
    const revoked = newKey('_IK_p_svc_prod', minutesAgo(20), systemKey)
    shared.sql([systemKey, revoked].map(insert).join('\n'))
    const jobs = [
      { partition: 'p', record: await (await shared.open()).session('p').encrypt('old') },
    ]
    for (const peer of peers) {
      const [record] = await encryptedBy(shared, peer, [{ partition: 'p', data: 'old' }])
      jobs.push({ partition: 'p', record })
    }
    for (const { record } of jobs) assert.equal(inspect(record).keyCreated, revoked.created)
    shared.sql(revocation(server, revoked.id))

    const session = (await shared.open()).session('p')
    const newer = [await session.encrypt('new')]
    for (const peer of peers) {
      newer.push(...(await encryptedBy(shared, peer, [{ partition: 'p', data: 'new' }])))
    }
    for (const record of newer) assert.ok(inspect(record).keyCreated > revoked.created)
    assert.equal(shared.keysLike('\\_IK%'), '2')
    for (const { record } of jobs) assert.equal(await session.decryptString(record), 'old')
    for (const record of newer) assert.equal(await session.decryptString(record), 'new')
    for (const peer of peers) {
      assert.deepEqual(
        await shared.ask(peer, jobs),
        jobs.map(() => ({ data: 'old' })),
      )
    }
  })
}

/** As docs/key-rotation.md has it. */
function revocation(server, id) {
  const record =
    server === 'postgres'
      ? `jsonb_set(key_record::jsonb, '{Revoked}', 'true')`
      : `JSON_SET(key_record, '$.Revoked', TRUE)`
  return `UPDATE encryption_key SET key_record = ${record} WHERE id = '${id}'`
}
