// Measures cases side by side: ours and the peer's in turn, in one process, so that what the machine does
// meanwhile falls on both.
import v8 from 'node:v8'
import vm from 'node:vm'

v8.setFlagsFromString('--expose-gc')
const collectGarbage = vm.runInNewContext('gc')

/**
 * How long to measure: the quick one shows that everything runs, and roughly how quickly. A round is filled with
 * `roundMs` of CPU time; a case whose single calls take longer gets fewer rounds, to end within about `caseMs`. Each
 * side is warm after `warmMs` of CPU time: V8 has optimised what it will by then, which is longer for JavaScript than
 * for native code, so that fewer would count against peers.
 */
export const EFFORTS = {
  full: { rounds: 9, roundMs: 60, warmMs: 300, caseMs: 60_000 },
  quick: { rounds: 3, roundMs: 10, warmMs: 150, caseMs: 1000 },
}

/**
 * @typedef {{
 *   group: string, name: string, ours: () => unknown, theirs?: () => unknown, check?: () => unknown,
 *   peer?: { name: string, version?: string, own?: boolean }, clock?: 'cpu' | 'wall', per?: number, limit?: number,
 *   headline?: boolean, note?: string,
 * }} Case what returns a promise is awaited
 * @typedef {{ rounds: number, roundMs: number, warmMs: number, caseMs: number }} Effort
 * @typedef {{ cpu: number, wall: number, quartiles?: [number, number] }} Times µs per operation; the quartiles are
 *   those of the clock
 */

/**
 * Checks a case's answers, then times both sides.
 *
 * @param {Case} subject @param {Effort} effort
 * @returns {Promise<{ runs: number, ours: Times, theirs?: Times, ratio?: number, quartiles?: [number, number], extremes?: [number, number] }>}
 */
export async function measure({ ours, theirs, check, clock = 'cpu', per = 1 }, effort) {
  await check?.()
  const sides = [ours, theirs].filter(Boolean).map((run) => ({ run, times: [] }))
  for (const side of sides) Object.assign(side, await warmed(side.run, effort))
  // A side against itself: both make the same calls, whatever the machine did while they were counted.
  if (ours === theirs) sides[1].count = sides[0].count
  const roundMs = sides.reduce((sum, { roundMs }) => sum + roundMs, 0)
  const runs = Math.max(1, Math.min(effort.rounds, Math.floor(effort.caseMs / roundMs)))
  for (let round = 0; round < runs; round++) {
    // In alternating order, and neither on the other's garbage: buffers are large, and freeing them costs.
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      collectGarbage()
      side.times.push(await timePerCall(side.run, side.count))
    }
  }
  const [mine, other] = sides.map(({ times }) => summary(times, clock, per))
  if (other === undefined) return { runs, ours: mine }
  const ratios = sides[0].times.map((time, round) => time[clock] / sides[1].times[round][clock])
  return {
    runs,
    ours: mine,
    theirs: other,
    ratio: median(ratios),
    quartiles: quartilesOf(ratios),
    extremes: [Math.min(...ratios), Math.max(...ratios)],
  }
}

/** Functions that were warmed in this process: a peer's often stands beside several of ours. */
const warm = new WeakSet()

async function warmed(run, effort) {
  const warmMs = warm.has(run) ? 0 : effort.warmMs
  warm.add(run)
  return calibrate(spentBy(run), { ...effort, warmMs })
}

/** Longer than this many rounds should take, a side mostly waits. */
const MAX_WAIT = 10

/** CPU time of a call fills a round, so that a round is as long where others use the machine. */
function spentBy(run) {
  return async (count) => {
    const { cpu, wall } = await timePerCall(run, count)
    return Math.max(cpu, wall / MAX_WAIT)
  }
}

/**
 * Warms a side, and finds how many calls fill a round once it is warm; `roundMs` is how long a round then takes.
 *
 * @param {(count: number) => number | Promise<number>} side makes so many calls; µs of one
 * @param {{ roundMs: number, warmMs: number }} effort
 */
export async function calibrate(side, { roundMs, warmMs }) {
  let [count, spentMs] = [1, 0]
  for (;;) {
    const total = ((await side(count)) * count) / 1000
    spentMs += total
    if (total < roundMs / 2) count *= 4
    else if (spentMs >= warmMs) {
      const calls = Math.max(1, Math.round((count * roundMs) / total))
      return { count: calls, roundMs: (total * calls) / count }
    }
  }
}

/** Microseconds per call: wall time, and CPU time of all threads of the process. */
async function timePerCall(run, count) {
  const cpuBefore = process.cpuUsage()
  const before = process.hrtime.bigint()
  for (let i = 0; i < count; i++) {
    const result = run()
    // Awaiting what is no promise would cost the sync forms a turn of the microtask queue.
    if (result instanceof Promise) await result
  }
  const wall = Number(process.hrtime.bigint() - before) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { wall: wall / count, cpu: (user + system) / count }
}

function summary(times, clock, per) {
  const of = (key) => times.map((time) => time[key] / per)
  return { cpu: median(of('cpu')), wall: median(of('wall')), quartiles: quartilesOf(of(clock)) }
}

/** @param {number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/** @param {number[]} values @returns {[number, number] | undefined} undefined of fewer values than tell a spread */
export function quartilesOf(values) {
  return values.length < 3 ? undefined : [quantile(values, 0.25), quantile(values, 0.75)]
}

/** The value below which the part `at` of the values lies, from 0 to 1. @param {number[]} values @param {number} at */
export function quantile(values, at) {
  const sorted = [...values].sort((a, b) => a - b)
  const position = at * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]]
  return low + (high - low) * (position % 1)
}
