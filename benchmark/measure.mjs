// Measures cases side by side: ours and its yardstick in turn, in one process, so that what the machine does
// meanwhile falls on both.
import v8 from 'node:v8'
import vm from 'node:vm'

v8.setFlagsFromString('--expose-gc')
const collectGarbage = vm.runInNewContext('gc')

/** How long to measure: the quick one shows that everything runs, and roughly how quickly. */
export const EFFORTS = {
  full: { rounds: 9, roundMs: 60 },
  quick: { rounds: 3, roundMs: 15 },
}

/**
 * @typedef {{ name: string, run: () => unknown }} Side `run` may return a promise, which is awaited
 * @typedef {{
 *   name: string, ours: Side, yardstick: Side, check: () => unknown, limit?: number,
 * }} Case `limit`: what the ratio should be at most
 * @typedef {{ rounds: number, roundMs: number }} Effort
 */

/** Checks a case's answers, then times both sides. @param {Case} subject @param {Effort} effort */
export async function measure({ name, ours, yardstick, check, limit }, effort) {
  await check()
  const sides = [ours, yardstick]
  const counts = []
  for (const side of sides) counts.push(await calibrate(side, effort.roundMs))
  const rounds = [[], []]
  for (let round = 0; round < effort.rounds; round++) {
    // In alternating order, and neither on the other's garbage: buffers are large, and freeing them costs.
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      collectGarbage()
      rounds[i].push(await timePerCall(sides[i], counts[i]))
    }
  }
  const ratios = rounds[0].map(({ cpu }, round) => cpu / rounds[1][round].cpu)
  const [mine, theirs] = rounds.map(summary)
  return {
    name,
    ours: { ...mine, name: ours.name },
    yardstick: { ...theirs, name: yardstick.name },
    ratio: median(ratios),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    limit,
  }
}

/** Longer than this many rounds should take, a side mostly waits. */
const MAX_WAIT = 10

/**
 * How many calls fill a round with work; the calls made to find out are the warm-up. CPU time fills it, so that
 * a round is as long where others use the machine.
 */
async function calibrate(side, roundMs) {
  let count = 1
  for (;;) {
    const { cpu, wall } = await timePerCall(side, count)
    const total = (Math.max(cpu, wall / MAX_WAIT) * count) / 1000
    if (total >= roundMs / 2) return Math.max(1, Math.round((count * roundMs) / total))
    count *= 4
  }
}

/** Microseconds per call: wall time, and CPU time of all threads of the process. */
async function timePerCall({ run }, count) {
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

function summary(times) {
  return { wall: median(times.map(({ wall }) => wall)), cpu: median(times.map(({ cpu }) => cpu)) }
}

/** @param {number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/** The value below which the part `at` of the values lies, from 0 to 1. @param {number[]} values @param {number} at */
export function quantile(values, at) {
  const sorted = [...values].sort((a, b) => a - b)
  const position = at * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]]
  return low + (high - low) * (position % 1)
}
