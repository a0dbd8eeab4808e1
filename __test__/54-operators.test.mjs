// The statements that docs/ gives to operators: each is run as it stands there, with other names.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inspect } from 'sealdiff'
import { coded, openFactory } from './support/factory.mjs'
import { call, motoIsMissing, startMoto } from './support/moto.mjs'
import { freshDatabase, SERVERS, sql, whyMissing } from './support/servers.mjs'

const TITLES = { postgres: 'PostgreSQL', mysql: 'MySQL and MariaDB', sqlite: 'SQLite' }
const USERS = ['writer', 'reader', 'operator']

/** The block of SQL of a document that begins with a comment which names the database. */
function statements(document, server) {
  const text = readDocument(document)
  const blocks = [...text.matchAll(/```sql\n(-- .*\n[^`]*)```/g)].map(([, block]) => block)
  const found = blocks.filter((block) => block.startsWith(`-- ${TITLES[server]}`))
  assert.equal(found.length, 1, `${document}.md has one block for ${TITLES[server]}`)
  return found[0].trimEnd()
}

/** The statement that revokes, for another key. */
function revocation(server, id) {
  const text = statements('key-rotation', server)
  assert.ok(text.includes("'_IK_tenant-42_billing_shop'"))
  return text.replace('_IK_tenant-42_billing_shop', id)
}

async function openDatabase(t, server) {
  const database = freshDatabase(t, server)
  const metastore = { url: SERVERS[server].url(database), createTable: true }
  return { database, metastore, factory: await openFactory(t, { metastore }) }
}

for (const server of Object.keys(TITLES)) {
  const skip = await whyMissing(server)

  for (const id of ['_IK_p_svc_prod', '_SK_svc_prod']) {
    test(`${server}: the statement of key-rotation.md revokes ${id.slice(0, 3)}`, {
      skip,
    }, async (t) => {
      const { database, metastore, factory } = await openDatabase(t, server)
      const record = await factory.session('p').seal('x')
      const before = sql(server, database, 'SELECT id, created FROM encryption_key ORDER BY id')
      sql(server, database, revocation(server, id))
      const after = sql(server, database, 'SELECT id, created FROM encryption_key ORDER BY id')
      assert.deepEqual(after, before, 'no time has changed')
      const next = (await openFactory(t, { metastore })).session('p')
      const newer = await next.seal('x')
      assert.ok(inspect(newer).keyCreated > inspect(record).keyCreated)
      assert.equal(await next.unsealString(record), 'x')
      const like = id.replaceAll('_', '!_')
      const revoked = `SELECT count(*) FROM encryption_key WHERE id LIKE '${like}' ESCAPE '!'`
      assert.deepEqual(sql(server, database, revoked), ['2'])
    })
  }
}

test('dynamodb: the command of key-rotation.md revokes a key', {
  skip: motoIsMissing,
}, async (t) => {
  const { endpoint } = await startMoto(t)
  const run = (operation, input) =>
    call(endpoint, 'us-west-2', `DynamoDB_20120810.${operation}`, input)
  const url = `dynamodb://EncryptionKey?region=us-west-2&endpoint=${encodeURIComponent(endpoint)}`
  const open = () => openFactory(t, { metastore: { url, createTable: true } })
  const record = await (await open()).session('p').seal('x')
  const { keyCreated } = inspect(record)
  await run('UpdateItem', updateOf('_IK_p_svc_prod', keyCreated))
  await assert.rejects(run('UpdateItem', updateOf('_IK_p_svc_prod', 1)), /ConditionalCheckFailed/)
  const session = (await open()).session('p')
  assert.ok(inspect(await session.seal('x')).keyCreated > keyCreated)
  assert.equal(await session.unsealString(record), 'x')
})

/** What the command sends, for another key. */
function updateOf(id, created) {
  const text = readDocument('key-rotation')
  const [, command] = text.match(/aws dynamodb update-item ([^`]*)/)
  const options = [...command.matchAll(/--([a-z-]+) ('[^']*'|\S+)/g)]
  const given = Object.fromEntries(
    options.map(([, name, value]) => [name, value.replaceAll("'", '')]),
  )
  const key = given.key
    .replace('_IK_tenant-42_billing_shop', id)
    .replace('1795257000', `${created}`)
  return {
    TableName: given['table-name'],
    Key: JSON.parse(key),
    UpdateExpression: given['update-expression'],
    ConditionExpression: given['condition-expression'],
    ExpressionAttributeValues: JSON.parse(given['expression-attribute-values']),
  }
}

function readDocument(name) {
  return readFileSync(new URL(`../docs/${name}.md`, import.meta.url), 'utf8')
}

for (const server of ['postgres', 'mysql']) {
  const skip = await whyMissing(server)

  test(`${server}: the rights of metastores.md are enough, and no more than enough`, {
    skip,
  }, async (t) => {
    const { database, metastore, factory } = await openDatabase(t, server)
    const record = await factory.session('p').seal('of the owner')
    const names = createUsers(t, server, database)
    const as = (user) => ({ url: SERVERS[server].url(database, names[user]) })

    const writer = await openFactory(t, { metastore: as('writer') })
    await writer.ping()
    const written = await writer.session('new').encrypt('of the writer')
    assert.equal(writer.stats().metastoreStores, 1)
    assert.equal(await writer.session('p').unsealString(record), 'of the owner')

    const reader = await openFactory(t, { metastore: as('reader') })
    await reader.ping()
    assert.equal(await reader.session('new').decryptString(written), 'of the writer')
    assert.equal(await reader.session('p').unsealString(record), 'of the owner')
    assert.equal(await reader.session('p').unsealString(await reader.session('p').seal('x')), 'x')
    await assert.rejects(
      reader.session('another').seal('x'),
      coded('ERR_METASTORE_UNAVAILABLE', { retryable: false }),
    )

    const update = revocation(server, '_IK_new_svc_prod')
    const forbidden = {
      writer: [update, 'DELETE FROM encryption_key'],
      reader: [
        update,
        'DELETE FROM encryption_key',
        'INSERT INTO encryption_key SELECT * FROM encryption_key',
      ],
      operator: ['DELETE FROM encryption_key', `UPDATE encryption_key SET id = 'x'`],
    }
    for (const [user, refused] of Object.entries(forbidden)) {
      for (const statement of refused) {
        assert.throws(
          () => sql(server, database, statement, names[user]),
          /denied/,
          `${user}: ${statement}`,
        )
      }
    }
    sql(server, database, update, names.operator)
    const next = (await openFactory(t, { metastore })).session('new')
    assert.ok(inspect(await next.encrypt('x')).keyCreated > inspect(written).keyCreated)
  })
}

/** Users with the rights that metastores.md grants, by the names it gives them. */
function createUsers(t, server, database) {
  const suffix = randomBytes(4).toString('hex')
  const names = Object.fromEntries(USERS.map((user) => [user, `${user}_${suffix}`]))
  const [kind, more] = server === 'postgres' ? ['ROLE', ' LOGIN'] : ['USER', '']
  let grants = statements('metastores', server).replaceAll('keystore.', `${database}.`)
  // By then the database is gone, and its grants with it.
  t.after(() => sql(server, 'test', `DROP ${kind} IF EXISTS ${Object.values(names).join(', ')}`))
  for (const [user, name] of Object.entries(names)) {
    sql(server, database, `CREATE ${kind} ${name}${more}`)
    grants = grants.replaceAll(user, name)
  }
  sql(server, database, grants)
  return names
}
