// Times ours in turn with what runs in another process and says itself how long it took.
import { calibrate, median, quartilesOf } from './measure.mjs'

/**
 * @typedef {(count: number) => number | Promise<number>} Side makes so many calls; CPU time of one, in µs
 * @param {Side} ours @param {Side} theirs @param {{ rounds: number, roundMs: number, warmMs: number }} effort
 * @returns {Promise<{ value: number, spread: [number, number], ratio: number, quartiles: [number, number],
 *   runs: number, theirs: { value: number, spread: [number, number] } }>} what a finished row has, in µs
 */
export async function inTurn(ours, theirs, effort) {
  const { rounds } = effort
  const counts = []
  for (const side of [ours, theirs]) counts.push((await calibrate(side, effort)).count)
  const times = []
  for (let round = 0; round < rounds; round++) {
    times.push([await ours(counts[0]), await theirs(counts[1])])
  }
  const [mine, other] = [0, 1].map((side) => times.map((round) => round[side]))
  const ratios = times.map(([own, their]) => own / their)
  return {
    value: median(mine),
    spread: quartilesOf(mine),
    ratio: median(ratios),
    quartiles: quartilesOf(ratios),
    runs: rounds,
    theirs: { value: median(other), spread: quartilesOf(other) },
  }
}

/** Of this process, all threads. @param {() => unknown} call @returns {Side} */
export function cpuOf(call) {
  return (count) => {
    const start = process.cpuUsage()
    for (let i = 0; i < count; i++) call()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / count
  }
}
