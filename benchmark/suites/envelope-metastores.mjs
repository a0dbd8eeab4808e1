// What calls cost whose key is not in memory: by metastore, beside keys that are.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SessionFactory } from 'sealdiff'
import { passingTable } from '../passing-table.mjs'

export const suite = 'envelope'
export const title = 'Cold keys, by metastore'
export const about =
  'Records of 64 bytes of partitions whose key has to be made or loaded first, by the metastore that holds it, beside one whose rows are in memory; and with the key in memory, where no metastore is asked.'

/** Each is asked only where its variable names it: a table is made in it, for as long as this part runs. */
const SERVERS = {
  Postgres: {
    variable: 'SEALDIFF_BENCH_POSTGRES',
    example: 'postgres://USER@127.0.0.1:5432/DATABASE?sslmode=disable',
  },
  MariaDB: {
    variable: 'SEALDIFF_BENCH_MYSQL',
    example: 'mysql://USER@127.0.0.1:3306/DATABASE?sslmode=disable',
  },
}
/** Partitions that are read in turn, and what the caches hold of them, so that each is cold again. */
const [PARTITIONS, QUICK_PARTITIONS, CACHED] = [1000, 100, 1]
const CACHE = { sessions: CACHED, intermediateKeys: CACHED }
const OWN = { name: 'rows in memory', own: true }
/** Of each kind of call, of how many stores it is shown under --quick: servers let it wait, and warm keys are all alike. */
const KINDS = [
  [newPartition, 2],
  [coldPartition, undefined],
  [warmPartition, 1],
]

export async function* cases({ quick }) {
  const count = quick ? QUICK_PARTITIONS : PARTITIONS
  const folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-bench-'))
  const memory = await open('memory:', count)
  const stores = {
    memory,
    'SQLite, a file': await open(`sqlite:${path.join(folder, 'keys.db')}`, count),
  }
  try {
    for (const [name, server] of Object.entries(SERVERS)) {
      const { store, ...reason } = await openServer(name, server, count)
      if (store) stores[name] = store
      else yield { group: 'Keys in a metastore', name, ...reason }
    }
    for (const [kind, quickStores] of KINDS) {
      const shown = Object.entries(stores).slice(0, quick ? quickStores : undefined)
      for (const [name, store] of shown) yield { name, ...kind(store, memory) }
    }
  } finally {
    for (const { factory } of Object.values(stores)) await factory.close()
    for (const { table } of Object.values(stores)) await table?.drop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function openServer(name, { variable, example }, count) {
  const url = process.env[variable]
  if (!url) {
    const command = `with a database of its own: ${variable}='${example}'`
    return { missing: { name, command } }
  }
  try {
    const table = passingTable(url)
    if (table.missing) return { missing: table.missing }
    const metastore = { url, table: table.name, createTable: true }
    return { store: { ...(await open(metastore, count)), table } }
  } catch (error) {
    return { failed: `${variable}: ${error.code ?? error.message}` }
  }
}

/** A factory with small caches, and a record of each of many partitions. */
async function open(metastore, count) {
  const factory = await SessionFactory.open({
    serviceId: 'benchmark',
    productId: 'sealdiff',
    metastore,
    kms: { type: 'static', key: randomBytes(32) },
    cache: CACHE,
  })
  const data = randomBytes(64)
  const records = []
  for (let i = 0; i < count; i++) records.push(await factory.session(`partition ${i}`).seal(data))
  return { factory, data, records, made: 0, read: 0 }
}

function newPartition(store, memory) {
  return {
    group: 'A new partition: its key is made and stored',
    ...besideMemory(sealNew, store, memory),
    check: async () => {
      const { metastoreStores } = store.factory.stats()
      await sealNew(store)
      assert.equal(store.factory.stats().metastoreStores, metastoreStores + 1)
    },
  }
}

function coldPartition(store, memory) {
  return {
    group: 'A cold partition: its key is loaded',
    ...besideMemory(unsealCold, store, memory),
    check: async () => {
      const { metastoreLoads } = store.factory.stats()
      for (const _ of store.records) assert.deepEqual(await unsealCold(store), store.data)
      const loads = store.factory.stats().metastoreLoads - metastoreLoads
      assert.ok(
        loads >= 0.9 * store.records.length,
        `only ${loads} of ${store.records.length} keys were cold`,
      )
    },
  }
}

function besideMemory(run, store, memory) {
  const sides = { clock: 'wall', ours: () => run(store) }
  return store === memory ? sides : { ...sides, peer: OWN, theirs: () => run(memory) }
}

function warmPartition({ factory, data }) {
  const session = factory.session('warm')
  let record
  return {
    group: 'A warm partition: no metastore is asked',
    ours: () => session.unseal(record),
    check: async () => {
      record = await session.seal(data)
      const { metastoreLoads } = factory.stats()
      assert.deepEqual(await session.unseal(record), data)
      assert.equal(factory.stats().metastoreLoads, metastoreLoads)
    },
  }
}

function sealNew(store) {
  return store.factory.session(`new ${store.made++}`).seal(store.data)
}

/** Each in turn: the caches have given up its key since it was read the last time. */
function unsealCold(store) {
  const at = store.read++ % store.records.length
  return store.factory.session(`partition ${at}`).unseal(store.records[at])
}
