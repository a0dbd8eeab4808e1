// The job of suites/event-loop.mjs, for a process of its own; prints its rows as JSON.
// usage: node event-loop-job.mjs BURSTS
import { randomBytes } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { openFactory } from './factory.mjs'

const MIB = 1 << 20
const CALLS_OF_EACH = 20
/** What a thousand callers may delay the event loop by, all but once in a hundred ticks. */
const MAX_DELAY_MS = 10
const bursts = Number(process.argv[2])

const { factory } = await openFactory()
const session = factory.session('partition')
await session.warm()
console.log(JSON.stringify(await rows()))
await factory.close()

async function rows() {
  const [data, large] = [randomBytes(65_536), randomBytes(MIB)]
  const idle = await delays(() => setTimeout(50))
  const inSync = await delays(() => {
    for (let i = 0; i < 1000; i++) session.sealSync(data)
  })
  const callers = await delays(() => atOnce(1000, () => callAgain(data)))
  return [
    row('nothing', idle),
    { ...row('1000 callers, each sealing 64 KiB again and again', callers), limit: MAX_DELAY_MS },
    row('1000 calls of sealSync, 64 KiB', inSync),
    row(
      '1000 seals of 64 KiB in one turn',
      await delays(() => atOnce(1000, () => session.seal(data))),
    ),
    row('60 seals of 1 MiB in one turn', await delays(() => atOnce(60, () => session.seal(large)))),
  ]
}

/** @param {number} count @param {() => Promise<unknown>} call */
function atOnce(count, call) {
  return Promise.all(Array.from({ length: count }, call))
}

async function callAgain(data) {
  for (let i = 0; i < CALLS_OF_EACH; i++) await session.seal(data)
}

function row(name, delay) {
  return {
    group: `99th percentile of the delay, ${bursts} bursts`,
    name,
    unit: 'ms',
    value: delay.p99,
    note: `Half of the ticks within ${delay.p50.toFixed(1)} ms, the latest after ${delay.max.toFixed(1)} ms.`,
  }
}

/** In milliseconds: of each tick, how late it was; a block of 50 ms is one tick. */
async function delays(work) {
  await work()
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  // What the first tick is late by counts only after it.
  await setTimeout(5)
  for (let burst = 0; burst < bursts; burst++) {
    await work()
    await setTimeout(2)
  }
  histogram.disable()
  const [p50, p99, max] = [histogram.percentile(50), histogram.percentile(99), histogram.max]
  return { p50: p50 / 1e6, p99: p99 / 1e6, max: max / 1e6 }
}
