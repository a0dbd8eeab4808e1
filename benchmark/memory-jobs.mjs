// The jobs of suites/memory.mjs, each for a process of its own; prints its rows as JSON.
// usage: node --expose-gc memory-jobs.mjs JOB [PART OF THE WORK]
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { Differ, SessionFactory } from 'sealdiff'
import { openFactory } from './factory.mjs'
import { median, quartilesOf } from './measure.mjs'

const MIB = 1 << 20
/** What a process may be larger by after a million records. */
const MAX_GROWTH_MIB = 20
const part = Number(process.argv[3] ?? 1)

const JOBS = {
  /** A million records sealed and unsealed leave the process as large as it was. */
  async records() {
    const { factory } = await openFactory()
    const session = factory.session('partition')
    await session.warm()
    const data = [randomBytes(64), randomBytes(1024)]
    const count = 1_000_000 * part
    const start = await residentMiB()
    for (let i = 0; i < count; i++) {
      const record = session.sealSync(data[i % 2])
      const unsealed = i % 2 === 0 ? session.unsealSync(record) : await session.unseal(record)
      if (!unsealed.equals(data[i % 2])) throw new Error('another record came back')
    }
    const end = await residentMiB()
    return [
      {
        group: `${count} records of 64 B and 1 KiB sealed and unsealed`,
        name: 'growth of the process',
        unit: 'MiB',
        value: end - start,
        limit: MAX_GROWTH_MIB,
        note: `From ${mib(start)} to ${mib(end)}; at most ${mib(process.resourceUsage().maxRSS / 1024)} meanwhile.`,
      },
    ]
  },

  /** Partitions without end: sessions and keys stay within the caches. */
  async partitions() {
    const cache = { sessions: 1000, intermediateKeys: 10_000 }
    const factory = await SessionFactory.open({
      serviceId: 'benchmark',
      productId: 'sealdiff',
      metastore: 'memory:',
      kms: { type: 'static', key: randomBytes(32) },
      cache,
    })
    const count = 100_000 * part
    const sizes = [await residentMiB()]
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < count; i++) await factory.session(`partition ${i}`).seal('x')
      sizes.push(await residentMiB())
    }
    const { sessions, intermediateKeys, keyEvictions } = factory.stats()
    assert.ok(sessions <= cache.sessions)
    // A session holds its newest key also after the cache has given it up.
    assert.ok(intermediateKeys <= cache.intermediateKeys + cache.sessions)
    const group = `${count} partitions called one after the other, twice`
    return [
      {
        group,
        name: 'growth in the first pass',
        unit: 'MiB',
        value: sizes[1] - sizes[0],
        note: `It fills the metastore, which is in memory here: from ${mib(sizes[0])} to ${mib(sizes[1])}.`,
      },
      {
        group,
        name: 'growth in the second pass',
        unit: 'MiB',
        value: sizes[2] - sizes[1],
        note: `Sessions kept: ${sessions} of at most ${cache.sessions}; keys kept: ${intermediateKeys} of at most ${cache.intermediateKeys + cache.sessions}; ${keyEvictions} keys given up.`,
      },
    ]
  },

  /** Ten equal rounds of every call of a session, failures too: what each leaves behind. */
  async rounds() {
    const { factory } = await openFactory({ cache: { sessions: 100, intermediateKeys: 100 } })
    const rows = await roundsOf('calls of sessions', 20_000 * part, (i) => everyCall(factory, i))
    await factory.close()
    return rows
  },

  async diffRounds() {
    const differ = new Differ()
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i}`)
    const oldText = lines.join('\n')
    return await roundsOf('diffs', 4_000 * part, async (i) => {
      const newText = lines.with(i % lines.length, `changed ${i}`).join('\n')
      const diff = await differ.lines(oldText, newText)
      return [diff.unified(), diff.changes(), differ.unifiedSync(Buffer.from(oldText), newText)]
    })
  },
}

/** Some of them beyond what the caches hold, and few enough that the metastore's rows are soon all there. */
const PARTITIONS = 10_000

/** One of every call, four times of five on a warm partition. */
async function everyCall(factory, i) {
  const session = factory.session(`partition ${i % 5 === 0 ? i % PARTITIONS : 0}`)
  const sealed = await session.seal('some data', { additionalData: 'place' })
  await session.unsealString(sealed, { additionalData: 'place' })
  await assert.rejects(session.unseal(sealed), { code: 'ERR_DECRYPT_FAILED' })
  session.unsealSync(session.sealSync(Buffer.alloc(1000)))
  const record = session.encryptSync('some data')
  await session.decryptString(record, { signal: new AbortController().signal })
  if (i % 50 === 0) await session.unseal(await session.seal(Buffer.alloc(100_000)))
  session.close()
}

async function roundsOf(name, count, call) {
  const ROUNDS = 10
  const sizes = []
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < count; i++) await call(round * count + i)
    sizes.push(await residentMiB())
  }
  const steps = sizes.slice(1).map((size, round) => (size - sizes[round]) * 1024)
  const group = `${ROUNDS} rounds of ${count} ${name}`
  return [
    {
      group,
      name: 'median step from a round to the next',
      unit: 'KiB',
      value: median(steps),
      spread: quartilesOf(steps),
      runs: steps.length,
      // A pool that grows once is one large step; what leaks grows in every round.
      note: `Resident after each round: ${sizes.map((size) => size.toFixed(1)).join(', ')} MiB.`,
    },
    { group, name: 'slope per round', unit: 'KiB', value: 1024 * slope(sizes) },
  ]
}

/** Of the line of least squares, per step. @param {number[]} values */
function slope(values) {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value) / values.length
  const [products, squares] = values.reduce(
    ([p, s], value, x) => [p + (x - middle) * (value - mean), s + (x - middle) ** 2],
    [0, 0],
  )
  return products / squares
}

async function residentMiB() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await setImmediate()
  }
  return process.memoryUsage.rss() / MIB
}

/** @param {number} size */
function mib(size) {
  return `${size.toFixed(1)} MiB`
}

console.log(JSON.stringify(await JOBS[process.argv[2]]()))
