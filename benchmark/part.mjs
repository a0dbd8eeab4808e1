// Runs the cases of one part and collects their rows.
import { EFFORTS } from './measure.mjs'
import { noiseOf, toRow } from './rows.mjs'

export const NO_TIME = 'no time was left under --quick'
const MAX_MESSAGE = 300

/**
 * @typedef {{ quick: boolean, filter?: string, documents?: [string, string], until?: number, end?: number }} PartOptions
 *   times in ms since 1970: after `until` cases are left out; at `end` the process of the part is ended
 * @param {import('./suites.mjs').Part} part
 * @param {PartOptions} options
 * @param {{ caseBegins(subject: object): void, rowMade(row: object): void }} listener
 */
export async function runPart(part, { quick, filter, documents, until }, listener) {
  const result = emptyResult(part)
  const isLate = () => until !== undefined && Date.now() > until
  const limits = { effort: quick ? EFFORTS.quick : EFFORTS.full, isLate }
  const started = Date.now()
  const add = (row) => {
    result.rows.push(row)
    listener.rowMade(row)
  }
  try {
    for await (const subject of part.cases({ quick, documents, isLate })) {
      if (subject.noise !== undefined) result.noise ??= subject.noise
      if (subject.noise !== undefined || !isWanted(subject, filter)) continue
      listener.caseBegins(subject)
      const row = await attempt(subject, limits)
      add(row)
      if (row.clock !== undefined) result.noise ??= await noise(subject, limits)
    }
  } catch (error) {
    // The suite itself broke, in what it prepares between its cases: the other parts can still run.
    add(brokenOff(part, error))
  }
  result.seconds = (Date.now() - started) / 1000
  return result
}

/** @param {import('./suites.mjs').Part} part */
export function emptyResult({ suite, name, title, about }) {
  return { suite, name, title, about, noise: undefined, seconds: 0, rows: [] }
}

/** The row that says why a part has no more rows. @param {{ title: string }} part @param {unknown} error */
export function brokenOff({ title }, error) {
  return { group: title, name: 'the rest of it', failed: messageOf(error) }
}

/** @param {{ title: string }} part */
export function restLeftOut({ title }) {
  return { group: title, name: 'the rest of it', leftOut: NO_TIME }
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

/** In one line. */
function messageOf(error) {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.replace(/\s+/g, ' ').slice(0, MAX_MESSAGE)
}
