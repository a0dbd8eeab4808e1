// The jobs of memory.mjs. usage: node --expose-gc memory-jobs.mjs JOB [PART OF THE WORK]
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { Differ, SessionFactory } from 'sealdiff'
import { openFactory } from './factory.mjs'
import { median } from './measure.mjs'

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
    const verdict = end - start <= MAX_GROWTH_MIB ? 'holds' : 'EXCEEDED'
    console.log(
      `${count} records of 64 B and 1 KiB sealed and unsealed: ${mib(start)} → ${mib(end)}, limit + ${MAX_GROWTH_MIB} MiB ${verdict}; at most ${mib(process.resourceUsage().maxRSS / 1024)} meanwhile`,
    )
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
    console.log(
      `${count} partitions, twice: ${sizes.map(mib).join(' → ')} (the first pass fills the metastore, which is in memory)`,
    )
    console.log(
      `  sessions ${sessions} ≤ ${cache.sessions}, intermediate keys ${intermediateKeys} ≤ ${cache.intermediateKeys + cache.sessions}, ${keyEvictions} keys given up`,
    )
  },

  /** Ten equal rounds of every call of a session, failures too: what each leaves behind. */
  async rounds() {
    const { factory } = await openFactory({ cache: { sessions: 100, intermediateKeys: 100 } })
    await printSlope('calls of sessions', 20_000 * part, (i) => everyCall(factory, i))
    await factory.close()
  },

  async diffRounds() {
    const differ = new Differ()
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i}`)
    const oldText = lines.join('\n')
    await printSlope('diffs', 4_000 * part, async (i) => {
      const newText = lines.with(i % lines.length, `changed ${i}`).join('\n')
      const diff = await differ.lines(oldText, newText)
      return [diff.unified(), diff.changes(), differ.unifiedSync(Buffer.from(oldText), newText)]
    })
  },

  /** A thousand seals at once, beside an idle loop and the same work done by sync calls. */
  async eventLoop() {
    const { factory } = await openFactory()
    const session = factory.session('partition')
    await session.warm()
    const data = randomBytes(65_536)
    const large = randomBytes(MIB)
    const atOnce = (count, bytes) => () =>
      Promise.all(Array.from({ length: count }, () => session.seal(bytes)))
    const bursts = Math.max(1, Math.round(10 * part))
    console.log(
      `${`event loop delay in ms, timer of 1 ms, ${bursts} bursts`.padEnd(50)}      p50      p99      max`,
    )
    await printDelay('nothing', bursts, () => setTimeout(50))
    await printDelay('1000 seals of 64 KiB at once', bursts, atOnce(1000, data))
    await printDelay('1000 calls of sealSync, 64 KiB', bursts, () => {
      for (let i = 0; i < 1000; i++) session.sealSync(data)
    })
    await printDelay('60 seals of 1 MiB at once', bursts, atOnce(60, large))
    await factory.close()
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

async function printSlope(name, count, call) {
  const ROUNDS = 10
  const sizes = []
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < count; i++) await call(round * count + i)
    sizes.push(await residentMiB())
  }
  console.log(
    `10 rounds of ${count} ${name}: ${sizes.map((size) => size.toFixed(1)).join(' ')} MiB`,
  )
  const steps = sizes.slice(1).map((size, round) => size - sizes[round])
  // A pool that grows once is one large step; what leaks grows in every round.
  console.log(
    `  slope ${Math.round(1024 * slope(sizes))} KiB per round, median step ${Math.round(1024 * median(steps))} KiB`,
  )
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

async function printDelay(name, bursts, work) {
  await work()
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  // What the first tick is late by counts only after it.
  await setTimeout(5)
  for (let burst = 0; burst < bursts; burst++) {
    await work()
    await setTimeout(2)
  }
  delays.disable()
  const numbers = [delays.percentile(50), delays.percentile(99), delays.max]
  const cells = numbers.map((nanoseconds) => (nanoseconds / 1e6).toFixed(1).padStart(9))
  console.log(`  ${name.padEnd(48)}${cells.join('')}`)
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

await JOBS[process.argv[2]]()
