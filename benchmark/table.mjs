// The lines that the benchmark prints, and how its numbers are written everywhere.
import { holds } from './rows.mjs'

const NAME_WIDTH = 34
const RATIO_WIDTHS = [8, 14, 16, 12, 12, 12, 12]
const HEAD = ['ratio', 'quartiles', 'limit', 'our CPU µs', 'theirs', 'our wall µs', 'theirs']

/** @param {object} part @param {number} at @param {number} count */
export function partLines({ suite, name, title, about }, at, count) {
  const label = suite === name ? suite : `${suite}/${name}`
  return ['', `# ${at + 1}/${count} ${title} (${label})`, about]
}

/** A group's heading, with the columns of what was timed. @param {import('./rows.mjs').Row} row */
export function groupLines({ group, clock }) {
  return ['', `## ${group}`, ...(clock === undefined ? [] : [line('', HEAD, '')])]
}

/** @param {import('./rows.mjs').Row} row @param {number} [rounds] of this run: a row says its own number if it has another */
export function rowLines(row, rounds) {
  const { name, missing, failed, leftOut } = row
  if (missing) return [`${pad(name)} not installed: ${missing.name}; ${missing.command}`]
  if (failed) return [`${pad(name)} FAILED: ${failed}`]
  if (leftOut) return [`${pad(name)} left out: ${leftOut}`]
  const runs = row.runs === rounds ? '' : countText(row)
  const lines = [row.clock === undefined ? figureLine(row, runs) : timedLine(row, runs)]
  return row.note ? [...lines, `  ${row.note}`] : lines
}

/** Such as `7 runs`; empty of a figure that has no runs. */
function countText({ runs }) {
  if (runs === undefined) return ''
  return runs === 1 ? '1 run' : `${runs} runs`
}

function timedLine(row, runs) {
  const { name, ratio, quartiles, cpu, wall, clock, beside } = row
  const [cpuOfOurs, cpuOfTheirs] = cpu.map(number)
  const [wallOfOurs, wallOfTheirs] = wall.map(number)
  const cells = [
    ratio === undefined ? '' : number(ratio),
    quartiles ? range(quartiles) : '',
    verdict(row),
    cpuOfOurs,
    cpuOfTheirs ?? '',
    wallOfOurs,
    wallOfTheirs ?? '',
  ]
  const notes = [beside && clock === 'wall' && 'by wall time', runs].filter(Boolean)
  const end = [beside && besideName(beside), notes.length > 0 && `(${notes.join(', ')})`]
  return line(name, cells, end.filter(Boolean).join(' '))
}

function figureLine(row, runs) {
  const { name, value, unit, spread, beside, ratio, quartiles } = row
  const parts = [`${amount(value, unit)}${spread ? ` (${spreadText(spread, unit)})` : ''}`]
  if (beside) parts.push(`beside ${besideName(beside)} ${besideAmount(row)}`)
  if (ratio) parts.push(`ratio ${ratioText(row)}${quartiles ? ` (${range(quartiles)})` : ''}`)
  if (row.limit !== undefined) parts.push(verdict(row))
  if (runs !== '') parts.push(runs)
  return `${pad(name)} ${parts.join(', ')}`
}

/** Times that are shown in a unit of their own each need it. @param {[number, number]} spread @param {string} unit */
export function spreadText(spread, unit) {
  return ['µs', 'ms', 's'].includes(unit)
    ? spread.map((end) => amount(end, unit)).join('–')
    : range(spread)
}

/** Such as `≤ 0.5 holds`; empty without a limit. @param {import('./rows.mjs').Row} row */
export function verdict(row) {
  if (row.limit === undefined) return ''
  return `${bound(row)} ${holds(row) ? 'holds' : 'EXCEEDED'}`
}

/** Such as `≤ 0.5`. @param {import('./rows.mjs').Row} row */
export function bound({ better, limit }) {
  return `${better === 'more' ? '≥' : '≤'} ${limit}`
}

/** @param {{ name: string, version?: string }} beside */
export function besideName({ name, version }) {
  return version ? `${name} ${version}` : name
}

/** What a part ends with: its noise. */
export function noiseLines({ noise }) {
  if (noise === undefined) return []
  const { group, name, ratio, quartiles } = noise
  return [
    `noise: ${group}, ${name}, against itself: ${number(ratio)}${quartiles ? ` (${range(quartiles)})` : ''}`,
  ]
}

/** Three digits, so that small ratios can be told apart. @param {number} value */
export function number(value) {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size < 0.1) return value.toPrecision(2)
  if (size < 10) return value.toFixed(2)
  if (size < 100) return value.toFixed(1)
  return Math.round(value).toLocaleString('en-US').replaceAll(',', ' ')
}

/** A value with its unit, times in the one that suits them. @param {number} value @param {string} unit */
export function amount(value, unit) {
  const microseconds = { µs: value, ms: value * 1e3, s: value * 1e6 }[unit]
  if (microseconds === undefined || value === 0) return `${number(value)} ${unit}`
  const [name, size] = TIMES.find(([, size]) => Math.abs(microseconds) >= size) ?? TIMES.at(-1)
  return `${number(microseconds / size)} ${name}`
}

const TIMES = [
  ['s', 1e6],
  ['ms', 1e3],
  ['µs', 1],
  ['ns', 1e-3],
]

/** What stands beside; of a peer that was ended, all that is known is that it is more. @param {import('./rows.mjs').Row} row */
export function besideAmount({ beside, unit }) {
  return `${beside.atLeast ? '> ' : ''}${amount(beside.value, unit)}`
}

/** @param {import('./rows.mjs').Row} row */
export function ratioText({ ratio, beside }) {
  return `${beside?.atLeast ? '< ' : ''}${number(ratio)}`
}

/** @param {number[]} quartiles */
export function range([low, high]) {
  return `${number(low)}–${number(high)}`
}

function line(name, cells, end) {
  const padded = cells.map((cell, at) => cell.padStart(RATIO_WIDTHS[at])).join('')
  return `${pad(name)}${padded}  ${end}`.trimEnd()
}

function pad(name) {
  return name.padEnd(NAME_WIDTH)
}
