// A row: what one case or one finished figure of a suite becomes in the run's JSON, and what follows from it.
// The schema is described in README.md.
import { measure } from './measure.mjs'

/** Below this a difference is never called one, however quiet the machine was. */
const LEAST_NOISE = 0.02

/**
 * @typedef {{
 *   group: string, name: string, unit: string, better: 'less' | 'more', value: number, spread?: [number, number],
 *   beside?: { name: string, version?: string, own?: boolean, value: number, spread?: [number, number],
 *     atLeast?: boolean },
 *   ratio?: number, quartiles?: [number, number], extremes?: [number, number], limit?: number, runs?: number, clock?: 'cpu' | 'wall',
 *   cpu?: number[], wall?: number[], headline?: boolean, note?: string,
 * } | { group: string, name: string, missing: { name: string, command: string } }
 *   | { group: string, name: string, failed: string } | { group: string, name: string, leftOut: string }} Row
 */

/** Times a case, or takes over a row that the suite has finished. @returns {Promise<Row>} */
export async function toRow(subject, effort) {
  if (subject.ours !== undefined) return timedRow(subject, await measure(subject, effort))
  const { better = 'less', beside, ...row } = subject
  if (row.value === undefined) return row
  return {
    ...row,
    better,
    beside,
    ratio: row.ratio ?? (beside?.value > 0 ? row.value / beside.value : undefined),
  }
}

/** The noise: a case's `ours` as both sides. @returns {Promise<object | undefined>} */
export async function noiseOf(subject, effort) {
  const { group, name, ours } = subject
  const itself = { ...subject, theirs: ours, check: undefined }
  const { ratio, quartiles, runs } = await measure(itself, effort)
  return { group, name, ratio, quartiles, runs }
}

function timedRow({ group, name, peer, clock = 'cpu', limit, headline, note }, measured) {
  const { ours, theirs, ratio, quartiles, extremes, runs } = measured
  const both = [ours, theirs].filter(Boolean)
  return {
    group,
    name,
    unit: 'µs',
    better: 'less',
    value: ours[clock],
    spread: ours.quartiles,
    beside: theirs && { ...peer, value: theirs[clock], spread: theirs.quartiles },
    ratio,
    quartiles,
    extremes,
    limit,
    runs,
    clock,
    cpu: both.map(({ cpu }) => cpu),
    wall: both.map(({ wall }) => wall),
    headline,
    note,
  }
}

/** Whether the limit of a row holds; undefined without one. @param {Row} row */
export function holds({ limit, ratio, value, better }) {
  if (limit === undefined) return undefined
  const measured = ratio ?? value
  return better === 'more' ? measured >= limit : measured <= limit
}

/**
 * Who is ahead, as far as the spread and the noise let anyone tell.
 *
 * @param {Row} row @param {number} noise of `noiseWidth`
 * @returns {'ours' | 'beside' | 'even' | undefined} undefined where there is nothing to compare with
 */
export function standing(row, noise) {
  const { ratio, better, beside } = row
  if (!(ratio > 0)) return undefined
  // A peer that was ended before we were done tells nothing.
  if (beside?.atLeast && ratio >= 1) return 'even'
  const [low, high] = row.quartiles ?? boundsOf(row)
  const isClear = Math.abs(Math.log(ratio)) > noise && !(low <= 1 && high >= 1)
  if (!isClear) return 'even'
  return ratio < 1 === (better === 'less') ? 'ours' : 'beside'
}

/** Of a ratio of two that were not measured in turn: between the ends of their spreads. @param {Row} row */
function boundsOf({ ratio, value, spread, beside }) {
  const [low, high] = spread ?? [value, value]
  const [theirLow, theirHigh] = beside?.spread ?? [beside?.value, beside?.value]
  if (!(theirLow > 0 && theirHigh > 0)) return [ratio, ratio]
  return [low / theirHigh, high / theirLow]
}

/** Whether nothing here stands beside a peer: one of our ways beside another. @param {Row[]} rows */
export function isBesideOwn(rows) {
  return rows.every(({ beside }) => beside === undefined || beside.own)
}

/** How far, as a logarithm, ratios lie apart that mean the same. @param {{ noise?: { quartiles: number[] } }} part */
export function noiseWidth({ noise }) {
  const measured = noise?.quartiles?.map((ratio) => Math.abs(Math.log(ratio))) ?? []
  return Math.max(Math.log(1 + LEAST_NOISE), ...measured)
}
