// Worker threads attached to one factory: what two get done, against one. The rows of arithmetic and of
// node:crypto say what the machine gives to two threads that share nothing; a run against itself says how far
// its noise goes.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { openFactory } from './factory.mjs'
import { median, quantile } from './measure.mjs'
import { number, time } from './table.mjs'

const THREADS = 2
/** What two threads should get done at least, as a multiple of what one does, where two cores are free. */
const EXPECTED = 1.8
/** What two threads that share nothing get done where two cores are free. */
const FREE = 1.9
const PROGRAM = new URL('./workers-thread.mjs', import.meta.url)
/** Longer than a round of one thread's: the system first has to move threads to cores. */
const ROUND_FACTOR = 4

const SIZES = { '64 B': 64, '1 KiB': 1024, '4 KiB': 4096, '64 KiB': 65_536 }
const LARGEST_EXPECTED = SIZES['4 KiB']

/** @param {import('./measure.mjs').Effort} effort */
export async function run({ rounds, roundMs }) {
  const durationMs = roundMs * ROUND_FACTOR
  console.log(
    `${THREADS} workers against 1, attached to one factory: medians and quartiles of ${rounds} interleaved rounds of ${durationMs} ms`,
  )
  console.log(
    'itself = 1 worker against 1 worker, the noise; growth = CPU time per call of 2 workers ÷ that of 1\n',
  )
  printRow([
    'thousand calls/s',
    '× of 2',
    'quartiles',
    '',
    'itself',
    'CPU µs of 1',
    'of 2',
    'growth',
  ])
  const { factory } = await openFactory()
  await factory.session('partition').warm()
  const workers = await start(factory.handle())
  let machine
  for (const job of jobs()) {
    const results = []
    for (let round = 0; round < rounds; round++)
      results.push(await compare(workers, job, durationMs))
    machine ??= median(results.map(({ scaling }) => scaling))
    print(job, results, machine)
  }
  await Promise.all(workers.map(({ thread }) => thread.terminate()))
  await factory.close()
}

function jobs() {
  const ours = Object.entries(SIZES).flatMap(([size, length]) =>
    ['sealSync', 'unsealSync'].map((method) => ({
      name: `${method} ${size}`,
      method,
      length,
      expected: length <= LARGEST_EXPECTED ? EXPECTED : undefined,
    })),
  )
  const theirs = Object.entries(SIZES).map(([size, length]) => ({
    name: `node:crypto encrypt ${size}`,
    method: 'nodeEncrypt',
    length,
  }))
  return [{ name: 'arithmetic', method: 'arithmetic', length: 0 }, ...ours, ...theirs]
}

async function start(handle) {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const workers = Array.from({ length: THREADS }, () => ({
    thread: new Worker(PROGRAM, { workerData: { handle, gate } }),
    gate,
  }))
  await Promise.all(workers.map(({ thread }) => once(thread, 'message')))
  return workers
}

async function compare(workers, job, durationMs) {
  const one = await measure(workers.slice(0, 1), job, durationMs)
  const two = await measure(workers, job, durationMs)
  const again = await measure(workers.slice(0, 1), job, durationMs)
  // The mean of the runs before and after, so that a machine that grows slower is not counted as ours.
  const rate = (one.rate + again.rate) / 2
  const cpu = (one.cpu + again.cpu) / 2
  return {
    rate,
    scaling: two.rate / rate,
    itself: again.rate / one.rate,
    cpuOfOne: cpu,
    cpuOfTwo: two.cpu,
    growth: two.cpu / cpu,
  }
}

/** Calls per second of all workers together, and µs of CPU time per call. The main thread only waits. */
async function measure(workers, { method, length }, durationMs) {
  const ready = workers.map(({ thread }) => once(thread, 'message'))
  for (const { thread } of workers) thread.postMessage({ method, length, durationMs })
  await Promise.all(ready)
  const { gate } = workers[0]
  const done = workers.map(({ thread }) => once(thread, 'message'))
  const before = process.cpuUsage()
  Atomics.add(gate, 0, 1)
  Atomics.notify(gate, 0)
  const results = (await Promise.all(done)).map(([result]) => result)
  const { user, system } = process.cpuUsage(before)
  const count = results.reduce((sum, result) => sum + result.count, 0)
  const rate = results.reduce((sum, result) => sum + (1000 * result.count) / result.elapsedMs, 0)
  return { rate, cpu: (user + system) / count }
}

function print({ name, expected }, results, machine) {
  const of = (key) => results.map((result) => result[key])
  const scaling = median(of('scaling'))
  const quartiles = (key) => [0.25, 0.75].map((at) => number(quantile(of(key), at))).join('–')
  printRow(
    [
      number(median(of('rate')) / 1000),
      number(scaling),
      quartiles('scaling'),
      expected === undefined ? '' : verdict(scaling, expected, machine),
      quartiles('itself'),
      time(median(of('cpuOfOne'))),
      time(median(of('cpuOfTwo'))),
      number(median(of('growth'))),
    ],
    name,
  )
}

function verdict(scaling, expected, machine) {
  if (scaling >= expected) return `≥ ${expected} holds`
  return machine < FREE ? 'cores busy' : `< ${expected}`
}

const WIDTHS = [17, 8, 12, 14, 12, 13, 9, 8]

function printRow(cells, name = '') {
  console.log(name.padEnd(28) + cells.map((cell, at) => cell.padStart(WIDTHS[at])).join(''))
}
