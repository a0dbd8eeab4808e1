// What the report, the chart and the Markdown table all say of a run.
import { noiseWidth } from './rows.mjs'

/** How to make it again. @param {object} run */
export function commandOf({ suites, mode, filter }) {
  const options = [mode === 'quick' && '--quick', filter && `--filter '${filter}'`].filter(Boolean)
  return ['npx sealdiff-bench', ...suites, ...options].join(' ')
}

/** @param {object} run @returns {string} */
export function machineOf({ machine, node }) {
  return `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, ${machine.libc}, Node.js ${node.version}`
}

/** Term and value, in the order in which they are shown. @param {object} run */
export function madeWith({ sealdiff, machine, node, started, seconds, mode, effort }) {
  return [
    ['sealdiff', `${sealdiff.version}, commit ${sealdiff.commit}`],
    ...(sealdiff.addon ? [['Addon', sealdiff.addon]] : []),
    [
      'Machine',
      `${machine.cpu} (${machine.arch}), ${machine.cores} cores, ${machine.memoryGiB} GiB`,
    ],
    ['System', `${machine.os}, ${machine.libc}`],
    ['Node.js', `${node.version}, V8 ${node.v8}, OpenSSL ${node.openssl}`],
    [
      'Run',
      `${mode}, ${effort.rounds} rounds, ${new Date(started).toUTCString()}, ${Math.round(seconds)} s; load before it: ${machine.load?.toFixed(1)}`,
    ],
  ]
}

/** The rows that the suites call headlines, by the direction that is better. @param {object} run */
export function headlinesOf({ parts }) {
  const chosen = parts.flatMap((part) =>
    part.rows
      .filter(({ headline, ratio }) => headline && ratio > 0)
      .map((row) => ({ row, noise: noiseWidth(part) })),
  )
  return ['less', 'more'].flatMap((better) => {
    const same = chosen.filter(({ row }) => row.better === better)
    if (same.length === 0) return []
    const noise = Math.max(...same.map(({ noise }) => noise))
    return { better, noise, rows: same.map(({ row }) => row) }
  })
}
