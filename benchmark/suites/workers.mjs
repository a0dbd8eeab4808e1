// Worker threads attached to one factory: what two get done, against one. The rows of arithmetic and of
// node:crypto say what the machine gives to two threads that share nothing; a run against itself says how far
// its noise goes.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { openFactory } from '../factory.mjs'
import { EFFORTS, median, quartilesOf } from '../measure.mjs'
import { NO_TIME } from '../part.mjs'
import { number, range } from '../table.mjs'

export const suite = 'concurrency'
export const title = 'Two worker threads'
export const about =
  'What two worker threads attached to one factory get done in the same time, beside one of them. The rows of arithmetic and of node:crypto, which share nothing, say what the machine gives to two threads.'

const GROUP = 'Two workers on one factory, beside one'
const THREADS = 2
/** What two threads should get done at least, as a multiple of what one does, where two cores are free. */
const EXPECTED = 1.8
/** What two threads that share nothing get done where two cores are free. */
const FREE = 1.9
const PROGRAM = new URL('../workers-thread.mjs', import.meta.url)
/** Longer than a round of one thread's: the system first has to move threads to cores. */
const ROUND_FACTOR = 4

const SIZES = { '64 B': 64, '1 KiB': 1024, '4 KiB': 4096, '64 KiB': 65_536 }
const SIZES_IN_QUICK = ['1 KiB']
const HEADLINE = 'sealSync 1 KiB'
/** What the headline is judged by, too. */
const ARITHMETIC = 'arithmetic'
const LARGEST_EXPECTED = SIZES['4 KiB']

/** @param {{ quick: boolean, isLate: () => boolean }} context */
export async function* cases({ quick, isLate }) {
  const { rounds, roundMs } = quick ? EFFORTS.quick : EFFORTS.full
  const durationMs = roundMs * ROUND_FACTOR
  const { factory } = await openFactory()
  await factory.session('partition').warm()
  const workers = await start(factory.handle())
  let machine
  try {
    for (const job of jobs(quick ? SIZES_IN_QUICK : Object.keys(SIZES))) {
      if (isLate() && ![ARITHMETIC, HEADLINE].includes(job.name)) {
        yield { group: GROUP, name: job.name, leftOut: NO_TIME }
        continue
      }
      const results = []
      for (let round = 0; round < rounds; round++)
        results.push(await compare(workers, job, durationMs))
      const scaling = results.map((result) => result.scaling)
      machine ??= median(scaling)
      yield rowOf(job, results, machine)
      if (job.name === ARITHMETIC) yield { noise: noiseOf(job, results) }
    }
  } finally {
    await Promise.all(workers.map(({ thread }) => thread.terminate()))
    await factory.close()
  }
}

function jobs(sizes) {
  const lengths = sizes.map((size) => [size, SIZES[size]])
  const ours = lengths.flatMap(([size, length]) =>
    ['sealSync', 'unsealSync'].map((method) => ({
      name: `${method} ${size}`,
      method,
      length,
      expected: length <= LARGEST_EXPECTED ? EXPECTED : undefined,
    })),
  )
  const theirs = lengths.map(([size, length]) => ({
    name: `node:crypto encrypt ${size}`,
    method: 'nodeEncrypt',
    length,
  }))
  return [{ name: ARITHMETIC, method: 'arithmetic', length: 0 }, ...ours, ...theirs]
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
    rateOfTwo: two.rate,
    scaling: two.rate / rate,
    itself: again.rate / one.rate,
    cpuOfOne: cpu,
    cpuOfTwo: two.cpu,
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

function rowOf({ name, expected }, results, machine) {
  const of = (key) => results.map((result) => result[key])
  const scaling = median(of('scaling'))
  // Where even threads that share nothing don't get two cores, nobody can be held to them.
  const isJudged = expected !== undefined && machine >= FREE
  const busy =
    expected !== undefined && !isJudged
      ? ` Not held to ≥ ${expected}: arithmetic alone gets ${number(machine)}.`
      : ''
  return {
    group: GROUP,
    name,
    unit: 'calls/s',
    better: 'more',
    value: median(of('rateOfTwo')),
    spread: quartilesOf(of('rateOfTwo')),
    beside: { name: 'one worker', own: true, value: median(of('rate')) },
    ratio: scaling,
    quartiles: quartilesOf(of('scaling')),
    limit: isJudged ? expected : undefined,
    runs: results.length,
    headline: name === HEADLINE,
    note: `One worker beside itself ${range(quartilesOf(of('itself')))}; CPU per call ${number(median(of('cpuOfOne')))} → ${number(median(of('cpuOfTwo')))} µs.${busy}`,
  }
}

function noiseOf({ name }, results) {
  const itself = results.map((result) => result.itself)
  return {
    group: GROUP,
    name: `${name}, one worker`,
    ratio: median(itself),
    quartiles: quartilesOf(itself),
    runs: results.length,
  }
}
