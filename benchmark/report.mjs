// A run as one page: charts with a table beside each, no script, nothing loaded from elsewhere.
import { createHash } from 'node:crypto'
import { CHART_STYLE, figureChart, ratioChart } from './chart.mjs'
import { escapeText } from './escape.mjs'
import { commandOf, headlinesOf, machineOf, madeWith } from './facts.mjs'
import { holds, isBesideOwn, noiseWidth, standing } from './rows.mjs'
import {
  amount,
  besideAmount,
  besideName,
  number,
  range,
  ratioText,
  spreadText,
  verdict,
} from './table.mjs'

const STYLE = `
:root{color-scheme:light dark;--page:#fff;--text:#1f2328;--soft:#59636e;--line:#d1d9e0;--panel:#f6f8fa;--link:#0969da}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#f0f6fc;--soft:#9198a1;--line:#3d444d;--panel:#151b23;--link:#4493f8}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1rem;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.35rem;margin:2.5rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.1rem;margin:1.75rem 0 .25rem}
h4{font-size:1rem;margin:1.25rem 0 .5rem}
p,ul{margin:.5rem 0;max-width:46rem}
a{color:var(--link)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;list-style:none}
.soft,small,caption{color:var(--soft)}
@media (min-width:30.01rem){td small{white-space:nowrap}}
small{display:block;font-size:.8rem;line-height:1.35;font-weight:400}
code{background:var(--panel);padding:.1em .35em;border-radius:4px;font-size:.9em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}
dt{color:var(--soft)}dd{margin:0}
.pair{display:grid;gap:1rem 2rem;align-items:start;margin:.5rem 0}
.pair>*{min-width:0}
@media (min-width:62rem){.pair{grid-template-columns:1fr 1fr}}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-size:.8rem;padding-bottom:.25rem}
th,td{padding:.3rem .35rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th{font-weight:600}
th:first-child,td:first-child,td.text{text-align:left}
th:first-child{padding-left:0;overflow-wrap:anywhere}
section>table{max-width:52rem}
.pair>table{margin-top:.25rem}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:.5rem 1rem;margin:1rem 0}
@media (max-width:30rem){main{padding:.75rem}table{font-size:.8rem}small{font-size:.75rem}th,td{padding:.3rem .2rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}}
${CHART_STYLE}
`

const CSP = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** @param {object} run @returns {string} */
export function htmlReport(given) {
  const run = withCounts(given)
  const rows = run.parts.flatMap((part) => part.rows.map((row) => ({ ...row, part })))
  const sections = [
    ['headlines', 'At a glance', headlines(run)],
    ['ahead', 'Where a peer is ahead', peersAhead(rows)],
    ['limits', 'Limits that do not hold', exceeded(rows)],
    ['absent', 'What was not measured', absent(rows)],
    ...suiteSections(run),
    ['method', 'How it was measured', method(run)],
  ].filter(([, , content]) => content !== '')
  const links = sections.map(
    ([id, title]) => `<li><a href="#${escapeText(id)}">${escapeText(title)}</a></li>`,
  )
  const bodies = sections.map(
    ([id, title, content]) =>
      `<section aria-labelledby="${escapeText(id)}"><h2 id="${escapeText(id)}">${escapeText(title)}</h2>\n${content}</section>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${CSP}">
<title>sealdiff benchmark</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${introduction(run, rows)}
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
${bodies.join('\n')}
</main>
</body>
</html>
`
}

/** Each row knows whether its runs are as many as the page says of all. */
function withCounts(run) {
  const countOf = ({ runs }) =>
    runs === undefined || runs === run.effort.rounds ? undefined : runs
  const parts = run.parts.map((part) => ({
    ...part,
    rows: part.rows.map((row) => ({ ...row, otherRuns: countOf(row) })),
  }))
  return { ...run, parts }
}

function introduction(run, rows) {
  return `<h1>sealdiff benchmark</h1>
<p>sealdiff is a package for Node.js that does two things in Rust: envelope encryption of records, and diffs of documents. This page compares it with what a program would otherwise use, measured on one machine by <code>${escapeText(commandOf(run))}</code>. Every answer was checked.</p>
<p><strong>How to read it:</strong> a ratio is the time that sealdiff needs, divided by the time that its peer needs for the same work in the same run. 0.25 means that sealdiff needs a quarter of it; above 1 the peer is ahead. The whiskers and the numbers in brackets are the quartiles of ${escapeText(run.effort.rounds)} runs, or of as many as the row says. A filled bar to the left of 1: sealdiff is ahead; an outlined one to the right: the peer is; a grey one: too close to call.</p>
<div class="panel"><p>${escapeText(tally(rows))}</p>
<dl>${madeWith(run)
    .map(([term, value]) => `<dt>${escapeText(term)}</dt><dd>${escapeText(value)}</dd>`)
    .join('')}</dl>
${run.mode === 'quick' ? '<p><strong>A quick run:</strong> fewer and shorter rounds on smaller inputs. It shows that everything works; its numbers are rough.</p>' : ''}</div>`
}

/** How many comparisons with others went which way. */
function tally(rows) {
  const standings = rows.filter(isWithPeer).map((row) => standing(row, noiseWidth(row.part)))
  const count = (wanted) => standings.filter((one) => one === wanted).length
  return `${standings.length} comparisons with peers: sealdiff is ahead in ${count('ours')}, a peer in ${count('beside')}, and ${count('even')} are too close to call.`
}

function isWithPeer({ ratio, beside }) {
  return ratio > 0 && beside !== undefined && !beside.own
}

function headlines(run) {
  return headlinesOf(run)
    .map(({ rows, noise, better }) => {
      const title = better === 'more' ? 'Work done, beside' : 'Time needed, beside its peer'
      return chartAndTable(rows, noise, title, true)
    })
    .join('\n')
}

function peersAhead(rows) {
  const behind = rows
    .filter((row) => isWithPeer(row) && standing(row, noiseWidth(row.part)) === 'beside')
    .sort((a, b) => costOf(b) - costOf(a))
  if (behind.length === 0)
    return '<p>In no comparison of this run, as far as the spread and the noise tell.</p>'
  const comparisons = behind.length === 1 ? 'one comparison' : `${behind.length} comparisons`
  return `<p>In ${comparisons} of this run, the furthest first.</p>${table(behind, 'Comparisons in which the peer needs less', true)}`
}

function costOf({ ratio, better }) {
  return better === 'more' ? 1 / ratio : ratio
}

function exceeded(rows) {
  const over = rows.filter((row) => row.value !== undefined && holds(row) === false)
  if (over.length === 0) return ''
  return `<p>What sealdiff promises itself, and misses in this run. Other programs that use the processor meanwhile can be the reason.</p>${table(over, 'Rows beyond their limit', true)}`
}

/** By group, and within it by the reason. */
function absent(rows) {
  const reasons = new Map()
  for (const row of rows) {
    const reason = reasonOf(row)
    if (reason === undefined) continue
    const key = `${escapeText(row.group)}: ${reason}`
    reasons.set(key, [...(reasons.get(key) ?? []), row.name])
  }
  const items = [...reasons].map(
    ([reason, names]) => `<li>${reason} <small>${escapeText(names.join(', '))}</small></li>`,
  )
  return items.length === 0 ? '' : `<ul>${items.join('\n')}</ul>`
}

function reasonOf({ missing, failed, leftOut }) {
  if (missing) {
    return `${escapeText(missing.name)} is not installed; <code>${escapeText(missing.command)}</code>`
  }
  if (failed) return `<strong>failed</strong>, ${escapeText(failed)}`
  return leftOut && escapeText(leftOut)
}

function suiteSections({ parts }) {
  const suites = [...new Set(parts.map(({ suite }) => suite))]
  return suites.map((suite) => [
    `suite-${suite}`,
    `Suite: ${suite}`,
    parts
      .filter((part) => part.suite === suite)
      .map(partSection)
      .join('\n'),
  ])
}

function partSection(part) {
  const measured = part.rows.filter(({ value }) => value !== undefined)
  const groups = [...new Set(measured.map(({ group }) => group))]
  const figures = groups.map((group) => {
    const rows = measured.filter((row) => row.group === group)
    return `<h4>${escapeText(group)}</h4>\n${charts(rows, noiseWidth(part), group)}${notes(rows)}`
  })
  return `<h3>${escapeText(part.title)}</h3><p>${escapeText(part.about)}</p>${noiseText(part)}${figures.join('\n')}`
}

function noiseText({ noise }) {
  if (!noise) return ''
  const quartiles = noise.quartiles ? ` (${range(noise.quartiles)})` : ''
  return `<p class="soft">Noise: ${escapeText(noise.group)}, ${escapeText(noise.name)}, measured against itself, gives ${number(noise.ratio)}${quartiles}. The grey band in the charts is as wide; differences within it mean nothing.</p>`
}

/** One chart for all ratios, and one for the figures of each unit. */
function charts(rows, noise, title) {
  const kinds = new Map()
  for (const row of rows) {
    const kind = `${row.ratio > 0 ? 'ratio' : row.unit} ${row.better}`
    kinds.set(kind, [...(kinds.get(kind) ?? []), row])
  }
  return [...kinds.values()].map((same) => chartAndTable(same, noise, title)).join('\n')
}

function chartAndTable(rows, noise, title, withGroup = false) {
  const label = `Chart: ${title}. The table with it has the same numbers.`
  const options = { noise, label, withGroup }
  const isRatio = rows[0].ratio > 0
  const isFigure = !isRatio && rows.some(({ value }) => value > 0)
  const chart = isRatio ? ratioChart(rows, options) : isFigure ? figureChart(rows, options) : ''
  return `<div class="pair">${chart}${table(rows, title, withGroup)}</div>`
}

function table(rows, caption, withGroup = false) {
  const hasRatio = rows.some(({ ratio }) => ratio > 0)
  const hasBeside = rows.some(({ beside }) => beside)
  const head = [
    'Case',
    ...(hasRatio ? ['Ratio'] : []),
    isBesideOwn(rows) ? 'Measured' : 'sealdiff',
    ...(hasBeside ? ['Beside'] : []),
  ]
  // What all rows stand beside is said once.
  const besides = new Set(rows.map(({ beside }) => beside && besideName(beside)))
  const [common] = besides.size === 1 ? besides : []
  const columns = { hasRatio, hasBeside, withGroup, withBeside: besides.size > 1 }
  const about = common === undefined ? caption : `${caption}. Beside: ${common}`
  return `<table><caption>${escapeText(about)}</caption><thead><tr>${head.map((text) => `<th scope="col">${text}</th>`).join('')}</tr></thead>
<tbody>${rows.map((row) => tableRow(row, columns)).join('\n')}</tbody></table>`
}

function tableRow(row, { hasRatio, hasBeside, withGroup, withBeside }) {
  const { group, name, beside, ratio, quartiles, otherRuns } = row
  const limit = row.limit === undefined ? [] : [verdict(row)]
  const count = otherRuns === undefined ? [] : [`${otherRuns} ${otherRuns === 1 ? 'run' : 'runs'}`]
  const spread = [...(quartiles ? [range(quartiles)] : []), ...count]
  const under = [
    ...(withGroup ? [group] : []),
    ...(beside && withBeside ? [`beside ${besideName(beside)}`] : []),
  ]
  const cells = [
    `<th scope="row">${escapeText(name)}${small(under)}</th>`,
    hasRatio && cell(ratio > 0 ? ratioText(row) : '', [...spread, ...limit]),
    cell(amount(row.value, row.unit), [
      ...clocks(row, 0),
      ...(ratio > 0 ? [] : [...limit, ...count]),
      ...(row.spread && row.clock === undefined ? [spreadText(row.spread, row.unit)] : []),
    ]),
    hasBeside && cell(beside ? besideAmount(row) : '', clocks(row, 1)),
  ]
  return `<tr>${cells.filter(Boolean).join('')}</tr>`
}

/** Both clocks, where there are two. */
function clocks({ clock, cpu, wall }, side) {
  if (clock === undefined || cpu?.[side] === undefined) return []
  const other = clock === 'cpu' ? ['wall', wall[side]] : ['CPU', cpu[side]]
  return [`${other[0]} ${amount(other[1], 'µs')}`]
}

function cell(text, under) {
  return `<td>${escapeText(unbroken(text))}${small(under.map(unbroken))}</td>`
}

/** A number stays in one line, with a short unit. */
function unbroken(text) {
  return text.replace(/(?<=\d) (?=\d|[µnm]?s\b|[KM]iB\b)/g, '\u00a0')
}

function small(lines) {
  return lines.map((line) => `<small>${escapeText(line)}</small>`).join('')
}

function notes(rows) {
  const items = rows
    .filter(({ note }) => note)
    .map(({ name, note }) => `<li>${escapeText(name)}: ${escapeText(note)}</li>`)
  return items.length === 0 ? '' : `<ul class="soft">${items.join('')}</ul>`
}

function method(run) {
  const rounds = escapeText(`${run.effort.rounds} rounds of about ${run.effort.roundMs} ms`)
  return `<ul>
<li>Each part of a suite had a process of its own. In it, each case ran beside its peer: both sides in turn, ${rounds} of CPU time each, after a garbage collection that isn't timed. A case whose single calls take long had fewer rounds; then the table says how many.</li>
<li>Before anything was timed, the answers of both sides were checked: what is sealed must unseal, what is diffed must apply. What ran in a process of its own, which may take long, was timed first and its answer checked then.</li>
<li>Each side was warmed first, by ${escapeText(run.effort.warmMs ?? 0)} ms of CPU time at least, so that V8 had optimised what is JavaScript.</li>
<li>Times are per operation, medians over the rounds. Ratios are of CPU time, which counts all threads of the process, so that work moved to another thread is not hidden; of wall time, or of another program's CPU time, where that program does the work; then the table or its heading says so. The ratio is the median of the rounds' ratios.</li>
<li>Figures of memory are of a process of their own each.</li>
<li>The bars are on a logarithmic scale: what takes half and what takes twice the time lie as far from 1.</li>
<li>Machine: ${escapeText(machineOf(run))}.</li>
</ul>`
}
