// Runs the parts of the suites one after the other.
import { environment } from './environment.mjs'
import { EFFORTS } from './measure.mjs'
import { runPart as runPartHere } from './part.mjs'

export const SCHEMA = { schema: 'sealdiff-bench', schemaVersion: 1 }
/** What --quick takes altogether, and when it ends even on a machine that is too busy for that. */
const [QUICK_SECONDS, QUICK_MAX_SECONDS] = [50, 57]

/**
 * @param {import('./suites.mjs').Part[]} parts
 * @param {{ suites?: string[], quick: boolean, filter?: string, documents?: [string, string] }} options
 * @param {{ partBegins: Function, caseBegins: Function, rowMade: Function, partEnds: Function }} listener
 * @param {typeof runPartHere} [runPart]
 */
export async function runAll(parts, options, listener, runPart = runPartHere) {
  const { suites = ['all'], quick, filter, documents } = options
  const started = new Date()
  const run = {
    ...SCHEMA,
    ...environment(),
    started: started.toISOString(),
    seconds: 0,
    mode: quick ? 'quick' : 'full',
    effort: quick ? EFFORTS.quick : EFFORTS.full,
    suites,
    filter,
    parts: [],
  }
  for (const [at, part] of parts.entries()) {
    listener.partBegins(part, at, parts.length)
    const times = quick ? timesOf(started.getTime(), parts.length - at) : {}
    const result = await runPart(part, { quick, filter, documents, ...times }, listener)
    run.parts.push(result)
    listener.partEnds(result)
  }
  run.seconds = (Date.now() - started) / 1000
  return run
}

/**
 * Until when a part may run: twice an equal share of the time that those before it have left, since most parts need
 * less than theirs.
 */
function timesOf(started, partsLeft) {
  const left = started + QUICK_SECONDS * 1000 - Date.now()
  const until = Date.now() + Math.max(1000, Math.min(left, (2 * left) / partsLeft))
  return { until, end: started + QUICK_MAX_SECONDS * 1000 }
}
