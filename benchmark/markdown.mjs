// What a README shows of a run: one table in Markdown and one chart in SVG, of the headlines.
import { ratioChart, standalone } from './chart.mjs'
import { commandOf, headlinesOf, machineOf } from './facts.mjs'
import { UsageError } from './run-file.mjs'
import { amount, besideAmount, besideName, range, ratioText } from './table.mjs'

/** Characters that fit in the width of the chart. */
const MAX_CAPTION = 110

/** @param {object} run @returns {string} */
export function markdownTable(run) {
  const rows = headlinesOrThrow(run).flatMap(({ rows }) => rows)
  const lines = rows.map((row) => {
    const { group, name, quartiles, value, unit, beside } = row
    const spread = quartiles ? ` (${range(quartiles)})` : ''
    return [
      inCell(`${group}: ${name}`),
      `**${ratioText(row)}**${spread}`,
      amount(value, unit),
      inCell(`${besideAmount(row)}, ${besideName(beside)}`),
    ]
  })
  const table = [['', 'ratio', 'sealdiff', 'beside'], ['---', '--:', '--:', '---'], ...lines]
  return `${table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}

Ratio: sealdiff's time or work divided by that of what stands beside it, the median and the quartiles of
${run.effort.rounds} interleaved runs. sealdiff ${run.sealdiff.version} on ${machineOf(run)}.
Made by \`${commandOf(run)}\`.
`
}

/** @param {object} run @returns {string} */
export function svgChart(run) {
  const [{ rows, noise, better }] = headlinesOrThrow(run)
  const isMore = better === 'more'
  const title = isMore
    ? 'Work that sealdiff gets done'
    : 'Time that sealdiff needs, beside its peers'
  const left = `Left of 1: sealdiff ${isMore ? 'gets less done' : 'needs less'}`
  const chart = ratioChart(rows, { noise, label: title, withGroup: true })
  const captions = [
    `${left}, on a logarithmic scale. Whiskers: quartiles of ${run.effort.rounds} runs. Grey: noise.`,
    ...inLines(machineOf(run)),
    `sealdiff ${run.sealdiff.version}; made by ${commandOf(run)}`,
  ]
  return standalone(chart, { title, captions })
}

/** Text in an SVG does not wrap by itself. */
function inLines(text) {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > MAX_CAPTION) lines.push(word)
    else lines.push(`${lines.pop()} ${word}`.trim())
  }
  return lines
}

function headlinesOrThrow(run) {
  const headlines = headlinesOf(run)
  if (headlines.length === 0) {
    throw new UsageError('the run has no headline rows for --svg or --markdown: run more suites')
  }
  return headlines
}

/** Names are text, whatever they hold. */
function inCell(text) {
  return text.replace(/[|\\<>`*_[\]]/g, '\\$&')
}
