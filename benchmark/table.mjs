// The rows that the benchmark prints.

const NAME_WIDTH = 36
const HOLDS = 'holds'
const EXCEEDED = 'EXCEEDED'

export function printHead() {
  console.log(
    row('case', ['ratio', 'quartiles', 'limit', '', 'CPU', 'wall', 'their CPU', 'wall'], 'beside'),
  )
}

/** @param {Awaited<ReturnType<typeof import('./measure.mjs').measure>>} result */
export function printResult({ name, ratio, quartiles, limit, ours, yardstick }) {
  const numbers = [
    number(ratio),
    quartiles.map(number).join('–'),
    limit === undefined ? '' : String(limit),
    limit === undefined ? '' : verdict(ratio, limit),
    ...[ours.cpu, ours.wall, yardstick.cpu, yardstick.wall].map(time),
  ]
  console.log(row(name, numbers, yardstick.name))
}

/** @param {{ name: string, missing: string }} absent a case that can't run, and what to do about it */
export function printMissing({ name, missing }) {
  console.log(`${name.padEnd(NAME_WIDTH)}${missing}`)
}

/** How many limits hold, and which don't. @param {Awaited<ReturnType<typeof import('./measure.mjs').measure>>[]} results */
export function printLimits(results) {
  const limited = results.filter(({ limit }) => limit !== undefined)
  if (limited.length === 0) return
  const exceeded = limited.filter(({ ratio, limit }) => verdict(ratio, limit) === EXCEEDED)
  const names = exceeded.map(
    ({ name, ratio, limit, yardstick }) =>
      `${name} beside ${yardstick.name} ${number(ratio)} > ${limit}`,
  )
  const which = names.length === 0 ? '' : `; exceeded: ${names.join(', ')}`
  console.log(`\n${limited.length - exceeded.length} of ${limited.length} limits hold${which}`)
}

function verdict(ratio, limit) {
  return ratio <= limit ? HOLDS : EXCEEDED
}

/** @param {number} value three digits, so that small ratios can be told apart */
export function number(value) {
  if (!Number.isFinite(value)) return '-'
  return value < 0.1 ? value.toFixed(3) : value < 10 ? value.toFixed(2) : value.toFixed(0)
}

/** @param {number} microseconds */
export function time(microseconds) {
  return microseconds < 100 ? microseconds.toFixed(2) : Math.round(microseconds).toString()
}

const WIDTHS = [8, 14, 7, 10, 11, 11, 11, 11]

function row(name, cells, beside) {
  const padded = cells.map((cell, at) => cell.padStart(WIDTHS[at])).join('')
  return `${name.padEnd(NAME_WIDTH)}${padded}  ${beside}`.trimEnd()
}
