// Records that other implementations wrote, read through the public API.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { MASTER_KEY, openFactory, temporaryFolder } from './support/factory.mjs'
import { codeOf, cut, through } from './support/streams.mjs'
import { unsealByHand } from './support/streams-by-hand.mjs'

const vectors = JSON.parse(readFileSync(new URL('../vectors/asherah-go.json', import.meta.url)))

/** A SQLite metastore with the rows that the other implementation wrote, made with SQL alone. */
function metastoreOf(t, rows) {
  const file = path.join(temporaryFolder(t), 'keys.db')
  const program = `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL, created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, key_record TEXT NOT NULL, PRIMARY KEY (id, created))")
for row in json.load(sys.stdin):
    db.execute("INSERT INTO encryption_key VALUES (?, datetime(?, 'unixepoch'), ?)", (row["id"], row["created"], row["key_record"]))
db.commit()`
  const { status, stderr } = spawnSync('python3', ['-c', program, file], {
    input: JSON.stringify(rows),
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return `sqlite:${file}`
}

test('every record of the Go implementation decrypts', async (t) => {
  const metastore = metastoreOf(t, vectors.metastore)
  const kms = { type: 'static', key: vectors.master_key_hex }
  for (const { service, product, rows } of vectors.sets) {
    const factory = await openFactory(t, { serviceId: service, productId: product, metastore, kms })
    for (const { partition, name, plaintext_b64, drr } of rows) {
      const session = factory.session(partition)
      const expected = Buffer.from(plaintext_b64, 'base64')
      assert.deepEqual(await session.decrypt(drr), expected, name)
      assert.deepEqual(session.decryptSync(Buffer.from(drr)), expected, name)
    }
    assert.equal(factory.stats().metastoreStores, 0)
  }
})

const sealed = JSON.parse(readFileSync(new URL('../vectors/sealed-v1.json', import.meta.url)))

/** Asherah's blob: ciphertext, tag, nonce. */
function wrap(parent, key) {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', parent, nonce)
  return Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag(), nonce]).toString(
    'base64',
  )
}

/** A metastore that holds one given intermediate key, wrapped with node:crypto alone. */
function metastoreWith({ service, product, partition, created, ik }) {
  const [systemKey, systemId] = [randomBytes(32), `_SK_${service}_${product}`]
  const rows = {
    [systemId]: { Created: created, Key: wrap(MASTER_KEY, systemKey) },
    [`_IK_${partition}_${service}_${product}`]: {
      Created: created,
      Key: wrap(systemKey, Buffer.from(ik, 'hex')),
      ParentKeyMeta: { KeyId: systemId, Created: created },
    },
  }
  const row = (id) => (rows[id] ? JSON.stringify(rows[id]) : null)
  return { load: (id) => row(id), loadLatest: (id) => row(id), store: () => false }
}

test('every sealed record of the vectors unseals, with its own additional data alone', async (t) => {
  // Those with a region suffix need a metastore that has one; the Rust tests read them.
  const cases = sealed.cases.filter(({ kind, suffix }) => kind === 'record' && suffix === '')
  assert.equal(cases.length, 4)
  for (const vector of cases) {
    const { service, product, partition, additionalData, plaintext, plaintextSha256 } = vector
    const factory = await openFactory(t, {
      serviceId: service,
      productId: product,
      metastore: metastoreWith(vector),
    })
    const session = factory.session(partition)
    const record = Buffer.from(vector.sealed, 'hex')
    const place = { additionalData: Buffer.from(additionalData, 'hex') }
    const opened = await session.unseal(record, place)
    assert.equal(opened.toString('hex'), plaintext)
    assert.equal(createHash('sha256').update(opened).digest('hex'), plaintextSha256)
    assert.deepEqual(session.unsealSync(record, place), opened)
    const elsewhere = { additionalData: `${additionalData}!` }
    await assert.rejects(session.unseal(record, elsewhere), { code: 'ERR_DECRYPT_FAILED' })
  }
})

test('every sealed stream of the vectors opens, with its own additional data alone', async (t) => {
  // Those with a region suffix need a metastore that has one; the Rust tests read them.
  const cases = sealed.cases.filter(({ kind, suffix }) => kind === 'stream' && suffix === '')
  assert.equal(cases.length, 7)
  for (const vector of cases) {
    const { service, product, partition, name } = vector
    const factory = await openFactory(t, {
      serviceId: service,
      productId: product,
      metastore: metastoreWith(vector),
    })
    const session = factory.session(partition)
    const stream = Buffer.from(vector.sealed, 'hex')
    const additionalData = Buffer.from(vector.additionalData, 'hex')
    for (const length of [1 << 20, 5000]) {
      const opened = await through(session.unsealStream({ additionalData }), ...cut(stream, length))
      const hash = createHash('sha256').update(opened).digest('hex')
      assert.equal(hash, vector.plaintextSha256, name)
    }
    const byHand = { ...vector, ik: Buffer.from(vector.ik, 'hex') }
    const hash = createHash('sha256').update(unsealByHand(byHand, stream, additionalData))
    assert.equal(hash.digest('hex'), vector.plaintextSha256, name)
    const elsewhere = session.unsealStream({ additionalData: `${additionalData}!` })
    assert.equal(await codeOf(through(elsewhere, stream)), 'ERR_DECRYPT_FAILED')
  }
})
