// Times ours in turn with what runs in another process and says itself how long it took.
import { median, quartilesOf } from './measure.mjs'

/**
 * @typedef {(count: number) => number | Promise<number>} Side makes so many calls; CPU time of one, in µs
 * @param {Side} ours @param {Side} theirs @param {{ rounds: number, roundMs: number }} effort
 * @returns {Promise<{ value: number, spread: [number, number], ratio: number, quartiles: [number, number],
 *   runs: number, theirs: { value: number, spread: [number, number] } }>} what a finished row has, in µs
 */
export async function inTurn(ours, theirs, { rounds, roundMs }) {
  const counts = [await enough(ours, roundMs), await enough(theirs, roundMs)]
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

/** Calls that fill a round; those made to find out are the warm-up. */
async function enough(side, roundMs) {
  let count = 1
  for (;;) {
    const total = ((await side(count)) * count) / 1000
    if (total >= roundMs / 2) return Math.max(1, Math.round((count * roundMs) / total))
    count *= 4
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
