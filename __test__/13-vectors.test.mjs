// Records that other implementations wrote, read through the public API.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { openFactory, temporaryFolder } from './support/factory.mjs'

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
