// What a record costs whose partition's key is not at hand: made and stored, or loaded, by metastore.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openFactory } from '../factory.mjs'

export const suite = 'envelope'
export const title = 'Cold keys, by metastore'
export const about =
  "A record of 64 B whose partition's key is new, or is not in the cache and has to be loaded from the metastore, beside a record whose key is at hand."

const WARM = { name: 'the key at hand', own: true }
/** More than the cache holds, so that in turn none is ever there. */
const PARTITIONS = 60
const HELD = 10
const SMALL_CACHE = { sessions: HELD, intermediateKeys: HELD }
const DATA = randomBytes(64)
const SERVERS = 'PostgreSQL, MySQL, DynamoDB'

export async function* cases() {
  const folder = await mkdtemp(path.join(tmpdir(), 'sealdiff-bench-'))
  const metastores = {
    memory: { metastore: 'memory:' },
    SQLite: { metastore: `sqlite:${path.join(folder, 'keys.db')}` },
    // Of openFactory itself: a Map behind methods in JavaScript.
    'an object with methods': {},
  }
  try {
    for (const subject of [newKeys, storedKeys]) {
      for (const [name, options] of Object.entries(metastores))
        yield* coldKeys(name, options, subject)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  const leftOut = 'these need a server, and its distance would be what is measured'
  yield { group: 'Cold keys in a database server', name: SERVERS, leftOut }
}

async function* coldKeys(name, options, subject) {
  const { factory } = await openFactory({ ...options, cache: SMALL_CACHE })
  const warm = factory.session('partition')
  await warm.warm()
  yield { name, peer: WARM, clock: 'wall', theirs: () => warm.seal(DATA), ...subject(factory) }
  await factory.close()
}

function newKeys(factory) {
  let made = 0
  const ours = () => factory.session(`new ${made++}`).seal(DATA)
  return {
    group: 'The first record of a partition: its key is made and stored',
    ours,
    check: async () => {
      const { metastoreStores } = factory.stats()
      const record = await ours()
      assert.equal(factory.stats().metastoreStores, metastoreStores + 1)
      assert.deepEqual(await factory.session(`new ${made - 1}`).unseal(record), DATA)
    },
  }
}

function storedKeys(factory) {
  let turn = 0
  const ours = () => factory.session(`stored ${turn++ % PARTITIONS}`).seal(DATA)
  return {
    group: 'A record of a partition that the cache has given up: its key is loaded',
    ours,
    check: async () => {
      for (let i = 0; i < PARTITIONS; i++) await ours()
      const { metastoreLoads, metastoreStores } = factory.stats()
      for (let i = 0; i < PARTITIONS; i++) await ours()
      const after = factory.stats()
      // A session keeps its newest key, so that as many as sessions and keys may be held are not loaded.
      assert.ok(after.metastoreLoads - metastoreLoads >= PARTITIONS - 2 * HELD)
      assert.equal(after.metastoreStores, metastoreStores)
    },
  }
}
