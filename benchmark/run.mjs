// Runs the parts of the suites one after the other.
import { environment } from './environment.mjs'
import { EFFORTS } from './measure.mjs'
import { runPart as runPartHere } from './part.mjs'

export const SCHEMA = { schema: 'sealdiff-bench', schemaVersion: 1 }
/** What --quick takes altogether; the frame itself needs a few seconds more. */
const QUICK_SECONDS = 50

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
    const until = quick ? shareOf(started, parts.length - at) : undefined
    const result = await runPart(part, { quick, filter, documents, until }, listener)
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
function shareOf(started, partsLeft) {
  const left = started.getTime() + QUICK_SECONDS * 1000 - Date.now()
  return Date.now() + Math.max(1000, Math.min(left, (2 * left) / partsLeft))
}
