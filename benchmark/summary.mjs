// What a whole run comes to: the lines that the benchmark ends with.
import { holds } from './rows.mjs'
import { amount, bound, ratioText } from './table.mjs'

/** @param {object} run @returns {string[]} */
export function summaryLines(run) {
  const rows = run.parts.flatMap(({ rows }) => rows)
  return [
    '',
    headLine(run, rows),
    ...leftOutLines(rows),
    ...missingLines(rows),
    ...failedLines(rows),
    ...limitLines(rows),
  ]
}

function headLine({ seconds, mode, effort, filter }, rows) {
  const measured = rowsOf(rows.filter(({ value }) => value !== undefined).length)
  const kept = filter === undefined ? '' : ` of those that contain ${JSON.stringify(filter)}`
  const medians = `medians of ${effort.rounds} runs where a row says no other number`
  const rough = mode === 'quick' ? ', so the numbers are rough' : ''
  return `${measured} measured${kept} in ${Math.round(seconds)} s; ${mode}: ${medians}${rough}`
}

/** At least, since one row can stand for several, such as for the rest of a part that was ended. */
function leftOutLines(rows) {
  const reasons = groupedBy(rows, ({ leftOut }) => leftOut)
  return reasons.flatMap(([reason, same]) => [
    `at least ${rowsOf(same.length)} left out: ${reason}`,
    ...groupedBy(same, ({ group }) => group).map(
      ([group, named]) => `  ${group}: ${namesOf(named)}`,
    ),
  ])
}

/** One row stands for all cases beside the same peer; one command may bring several peers. */
function missingLines(rows) {
  const missing = rows.flatMap(({ missing }) => missing ?? [])
  if (missing.length === 0) return []
  const count = new Set(missing.map(({ name }) => name)).size
  const commands = groupedBy(missing, ({ command }) => command)
  return [
    `nothing measured beside ${count === 1 ? 'one peer, which is' : `${count} peers, which are`} not installed:`,
    ...commands.map(([command, peers]) => `  ${namesOf(peers)}: ${command}`),
  ]
}

function failedLines(rows) {
  const failed = rows.filter(({ failed }) => failed)
  if (failed.length === 0) return []
  return [
    `${rowsOf(failed.length)} FAILED:`,
    ...failed.map(({ group, name, failed }) => `  ${group}, ${name}: ${failed}`),
  ]
}

function limitLines(rows) {
  const limited = rows.filter(({ limit, value }) => limit !== undefined && value !== undefined)
  if (limited.length === 0) return []
  const exceeded = limited.filter((row) => !holds(row))
  const count = `${limited.length - exceeded.length} of ${limited.length} limits hold`
  if (exceeded.length === 0) return [count]
  return [`${count}, ${exceeded.length} EXCEEDED:`, ...exceeded.map(exceededLine)]
}

function exceededLine(row) {
  const { group, name, ratio, value, unit } = row
  const measured = ratio === undefined ? amount(value, unit) : ratioText(row)
  return `  ${group}, ${name}: ${measured}, ${bound(row)}`
}

/** What has a key, in the order of the first of each. @returns {[string, object[]][]} */
function groupedBy(items, keyOf) {
  const groups = new Map()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) continue
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return [...groups]
}

function namesOf(named) {
  return [...new Set(named.map(({ name }) => name))].join('; ')
}

function rowsOf(count) {
  return count === 1 ? '1 row' : `${count} rows`
}
