// Runs the parts of the suites one after the other and collects their rows.
import { environment } from './environment.mjs'
import { EFFORTS } from './measure.mjs'
import { noiseOf, toRow } from './rows.mjs'

export const SCHEMA = { schema: 'sealdiff-bench', schemaVersion: 1 }
export const NO_TIME = 'no time was left for it under --quick'
/** What --quick takes altogether; the frame itself needs a few seconds more. */
const QUICK_SECONDS = 50

/**
 * @param {import('./suites.mjs').Part[]} parts
 * @param {{ suites?: string[], quick: boolean, filter?: string, documents?: [string, string] }} options
 * @param {{ partBegins: Function, caseBegins: Function, rowMade: Function, partEnds: Function }} listener
 */
export async function runAll(parts, options, listener) {
  const effort = options.quick ? EFFORTS.quick : EFFORTS.full
  const started = new Date()
  const run = {
    ...SCHEMA,
    ...environment(),
    started: started.toISOString(),
    seconds: 0,
    mode: options.quick ? 'quick' : 'full',
    effort,
    suites: options.suites ?? ['all'],
    filter: options.filter,
    parts: [],
  }
  const seconds = () => (Date.now() - started) / 1000
  for (const [at, part] of parts.entries()) {
    // Each part may use its share of the time that those before it have left.
    const share = (QUICK_SECONDS - seconds()) / (parts.length - at)
    const until = options.quick ? seconds() + Math.max(1, share) : Number.POSITIVE_INFINITY
    listener.partBegins(part, at, parts.length)
    const isLate = () => seconds() > until
    run.parts.push(await runPart(part, { ...options, effort, isLate }, listener))
  }
  run.seconds = seconds()
  return run
}

async function runPart(part, options, listener) {
  const { suite, name, title, about } = part
  const result = { suite, name, title, about, noise: undefined, seconds: 0, rows: [] }
  const started = Date.now()
  const add = (row) => {
    result.rows.push(row)
    listener.rowMade(row)
  }
  try {
    for await (const subject of part.cases(options)) {
      if (subject.noise !== undefined) result.noise ??= subject.noise
      if (subject.noise !== undefined || !isWanted(subject, options.filter)) continue
      listener.caseBegins(subject)
      const row = await attempt(subject, options)
      add(row)
      if (row.clock !== undefined) result.noise ??= await noise(subject, options)
    }
  } catch (error) {
    // The suite itself broke, in what it prepares between its cases: the other parts can still run.
    add({ group: title, name: 'the rest of it', failed: messageOf(error) })
  }
  result.seconds = (Date.now() - started) / 1000
  listener.partEnds(result)
  return result
}

function isWanted({ group, name }, filter) {
  return filter === undefined || `${group} ${name}`.includes(filter)
}

async function attempt(subject, { effort, isLate }) {
  const { group, name, headline } = subject
  // Headlines are few, and what a reader looks for.
  if (subject.ours !== undefined && !headline && isLate()) {
    return { group, name, leftOut: NO_TIME }
  }
  try {
    return await toRow(subject, effort)
  } catch (error) {
    return { group, name, failed: messageOf(error) }
  }
}

async function noise(subject, { effort, isLate }) {
  return isLate() ? undefined : await noiseOf(subject, effort)
}

function messageOf(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
