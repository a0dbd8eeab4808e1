// Two runs beside each other: which ratios changed by more than their runs' extremes and the noise.
import { noiseWidth } from './rows.mjs'
import { number, range } from './table.mjs'

/**
 * @param {object} oldRun @param {object} newRun as `readRun` gives them
 * @returns {{ changed: object[], same: number, unjudged: number, onlyOld: string[], onlyNew: string[] }}
 */
export function compareRuns(oldRun, newRun) {
  const [older, newer] = [ratiosOf(oldRun), ratiosOf(newRun)]
  const result = {
    changed: [],
    same: 0,
    unjudged: 0,
    onlyOld: [...older.keys()].filter((key) => !newer.has(key)),
    onlyNew: [...newer.keys()].filter((key) => !older.has(key)),
  }
  for (const [key, now] of newer) {
    const before = older.get(key)
    if (before === undefined) continue
    const change = changeOf(before, now)
    if (change === undefined) result.unjudged += 1
    else if (change === 0) result.same += 1
    else result.changed.push({ key, before, now, isWorse: change > 0 === (now.better === 'less') })
  }
  return result
}

/** Every ratio by where it stands, with the noise of its part. */
function ratiosOf({ parts }) {
  const entries = parts.flatMap((part) =>
    part.rows
      .filter(({ ratio }) => ratio > 0)
      .map((row) => [
        [part.suite, part.name, row.group, row.name, row.beside?.name ?? ''].join(' | '),
        { ...row, noise: noiseWidth(part) },
      ]),
  )
  return new Map(entries)
}

/** The logarithm of the change; 0 within the noise; undefined where too few runs tell nothing. */
function changeOf(before, now) {
  if (!before.quartiles || !now.quartiles) return undefined
  const change = Math.log(now.ratio / before.ratio)
  const [then, later] = [before, now].map(({ extremes, quartiles }) => extremes ?? quartiles)
  const overlap = then[0] <= later[1] && later[0] <= then[1]
  const isNoise = Math.abs(change) <= Math.max(before.noise, now.noise)
  return overlap || isNoise ? 0 : change
}

/** @param {object} oldRun @param {object} newRun @param {string} oldName @returns {string[]} what to print */
export function comparisonLines(oldRun, newRun, oldName) {
  const { changed, same, unjudged, onlyOld, onlyNew } = compareRuns(oldRun, newRun)
  const lines = [
    '',
    `compared with ${oldName} of ${oldRun.started}, sealdiff ${oldRun.sealdiff.version} (${oldRun.sealdiff.commit}), Node.js ${oldRun.node.version}`,
    ...differences(oldRun, newRun),
  ]
  for (const { key, before, now, isWorse } of changed) {
    const percent = Math.round(100 * (now.ratio / before.ratio - 1))
    lines.push(
      `  ${isWorse ? 'worse ' : 'better'}  ${number(before.ratio)} (${range(before.quartiles)}) → ${number(now.ratio)} (${range(now.quartiles)}), ${percent > 0 ? '+' : ''}${percent} %: ${key}`,
    )
  }
  lines.push(
    ...onlyOld.map((key) => `  gone    ${key}`),
    ...onlyNew.map((key) => `  new     ${key}`),
  )
  const rest = unjudged > 0 ? `, ${unjudged} without a spread to judge by` : ''
  lines.push(`${changed.length} ratios changed beyond the noise, ${same} did not${rest}`)
  return lines
}

/** Why the two may not be comparable. */
function differences(oldRun, newRun) {
  const of = (run) => ({
    machine: `${run.machine.cpu}, ${run.machine.cores} cores`,
    'version of Node.js': run.node.version,
    mode: run.mode,
  })
  const [before, now] = [of(oldRun), of(newRun)]
  const isRough = [before, now].some(({ mode }) => mode === 'quick')
  const rough = isRough
    ? ['  beware: --quick makes few and short runs; a busy machine shows as a change']
    : []
  const others = Object.keys(now)
    .filter((key) => before[key] !== now[key])
    .map((key) => `  beware: another ${key}, ${before[key]} then, ${now[key]} now`)
  return [...others, ...rough]
}
