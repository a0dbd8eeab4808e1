// Ours beside a peer that may take minutes or gigabytes: the peer is tried once in a process of its own, which can
// be ended. Where it is quick enough both are timed in turn, as any case; else its one run stands beside ours.
import { runIsolated } from './isolated.mjs'
import { median, quartilesOf } from './measure.mjs'

/** A peer that takes longer is not run again. */
const ONCE_MS = 2000
/** When a peer is ended, and what its heap may have. */
export const CAPS = {
  full: { capMs: 10_000, heapMiB: 2048 },
  quick: { capMs: 1500, heapMiB: 1024 },
}
/** Of ours where they are not timed in turn; the first, which no peer has either, is the warm-up. */
const OUR_RUNS = 8

/**
 * @param {{ group: string, name: string, ours: string, pair: object, kind: 'text' | 'json', peer: import('./contenders/text.mjs').Contender,
 *   timed: () => object, quick: boolean }} subject `timed` makes the case to be timed in turn
 * @returns {Promise<object>} a case or a finished row
 */
export async function versus({ group, name, ours, pair, kind, peer, timed, quick, ...rest }) {
  const caps = quick ? CAPS.quick : CAPS.full
  const theirs = await runIsolated({ kind, contender: peer.name, pair }, caps)
  if (theirs.figures?.cpuMs[0] <= ONCE_MS) return { group, name, ...rest, ...timed() }
  const mine = await runIsolated({ kind, contender: ours, pair, runs: OUR_RUNS }, {})
  if (mine.failed !== undefined) throw new Error(`${ours}: ${mine.failed}`)
  const times = mine.figures.cpuMs.slice(1)
  return {
    group,
    name,
    unit: 'ms',
    value: median(times),
    spread: quartilesOf(times),
    runs: times.length,
    ...rest,
    ...outcome(peer, theirs, caps),
  }
}

function outcome({ label: name, version }, { figures, overMs, failed }, { capMs }) {
  if (failed !== undefined) return { note: `${name} ${version} gives no answer: ${failed}.` }
  if (overMs === undefined) {
    const note = `${name} ran once, in a process of its own.`
    return { beside: { name, version, value: figures.cpuMs[0] }, note }
  }
  const note = `${name} was ended after ${capMs / 1000} s of CPU time: it takes longer, and the ratio is smaller.`
  return { beside: { name, version, value: overMs, atLeast: true }, note }
}
