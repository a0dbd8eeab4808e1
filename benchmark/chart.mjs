// Bars of ratios and of figures as SVG, with their spread. Positions across are percentages, so that a chart is as
// wide as its page while its text stays readable; heights are pixels.
import { escapeText } from './escape.mjs'
import { holds, isBesideOwn, standing } from './rows.mjs'
import { amount, besideAmount, besideName, range, ratioText } from './table.mjs'

const LINE = 18
const BAR = 14
const GAP = 12
const HEAD = 22
const AXIS = 24
/** What stays free on both sides, in percent. */
const MARGIN = 1.5
const MAX_TICKS = 7
/** Characters of a line that leave room for a figure on a phone. */
const MAX_BESIDE_FIGURE = 26
/** From this factor between the largest and the smallest figure on, a chart of figures is logarithmic. */
const LOG_FROM = 50

/** What the two sides of 1 mean. */
const HINTS = {
  less: ['◀ sealdiff needs less', 'sealdiff needs more ▶'],
  more: ['◀ sealdiff gets less done', 'sealdiff gets more done ▶'],
  own: ['◀ less than beside', 'more than beside ▶'],
}

/** Colours with a contrast of at least 4.5 to the page; what is ahead also differs by fill and side. */
export const CHART_STYLE = `
.chart{display:block;font:13px system-ui,sans-serif;overflow:visible}
.chart text{fill:#1f2328;stroke:#fff;stroke-width:4px;stroke-linejoin:round;paint-order:stroke}
.chart .small{font-size:12px;fill:#59636e}
.chart .name{font-weight:600}
.chart .ours{fill:#0969da;stroke:#0969da}
.chart .beside{fill:#fff1e5;stroke:#bc4c00;stroke-width:2}
.chart .even{fill:#818b98;stroke:#818b98}
.chart .band{fill:#818b98;opacity:.22}
.chart .one{stroke:#1f2328;stroke-width:1.5}
.chart .tick{stroke:#d1d9e0}
.chart .whisker{stroke:#1f2328;stroke-width:1.5}
@media (prefers-color-scheme:dark){
.chart text{fill:#f0f6fc;stroke:#0d1117}
.chart .small{fill:#9198a1}
.chart .ours{fill:#4493f8;stroke:#4493f8}
.chart .beside{fill:#3d2410;stroke:#f0883e}
.chart .even{fill:#656c76;stroke:#656c76}
.chart .one,.chart .whisker{stroke:#f0f6fc}
.chart .tick{stroke:#3d444d}
}`

/**
 * @param {import('./rows.mjs').Row[]} rows with a ratio each, and the same direction that is better
 * @param {{ noise: number, label: string, withGroup?: boolean }} options
 */
export function ratioChart(rows, options) {
  const ends = rows.flatMap(({ ratio, quartiles }) => [ratio, ...(quartiles ?? [])])
  const band = [Math.exp(-options.noise), Math.exp(options.noise)]
  const scale = logScale(Math.min(0.8, ...ends), Math.max(1.25, ...ends))
  const hints = HINTS[isBesideOwn(rows) ? 'own' : rows[0].better]
  const withBeside = new Set(rows.map(({ beside }) => besideName(beside))).size > 1
  const body = rows.map((row) => ({
    lines: labels(row, { ...options, withBeside }),
    figure: `${ratioText(row)} ×${row.quartiles ? ` (${range(row.quartiles)})` : ''}`,
    bars: [
      {
        from: 1,
        to: row.ratio,
        spread: row.quartiles,
        style: standing(row, options.noise),
      },
    ],
  }))
  return draw(body, { ...options, scale, hints, band, one: true })
}

/** @param {import('./rows.mjs').Row[]} rows of one unit @param {{ label: string, withGroup?: boolean }} options */
export function figureChart(rows, options) {
  const values = rows.flatMap(({ value, spread, beside }) => [
    value,
    ...(spread ?? []),
    ...(beside ? [beside.value] : []),
  ])
  const positive = values.filter((value) => value > 0)
  const [least, most] = [Math.min(...positive), Math.max(...positive)]
  const isLog = most / least > LOG_FROM
  const scale = isLog ? logScale(least / 2, most) : linearScale(most)
  const { unit, better } = rows[0]
  const direction = better === 'more' ? 'more is better' : 'less is better'
  const body = rows.map((row) => ({
    lines: [
      ...labels(row, options),
      ...(row.beside ? [`outlined: ${besideName(row.beside)}, ${besideAmount(row)}`] : []),
    ],
    figure: amount(row.value, unit),
    bars: [
      {
        from: scale.least,
        to: row.value,
        spread: row.spread,
        style: holds(row) === false ? 'even' : 'ours',
      },
      ...(row.beside
        ? [
            {
              from: scale.least,
              to: row.beside.value,
              spread: row.beside.spread,
              style: 'beside',
            },
          ]
        : []),
    ],
  }))
  return draw(body, { ...options, scale, hints: [unit, direction], unit })
}

/** A chart that stands alone, in a file of its own. @param {string} chart of this module @param {string[]} captions */
export function standalone(chart, { title, captions }) {
  const WIDTH = 760
  const [PADDING, top] = [16, 34]
  const [, height] = /height="(\d+)"/.exec(chart)
  const total = Number(height) + top + captions.length * LINE + 2 * PADDING
  const inner = WIDTH - 2 * PADDING
  const caption = captions.map(
    (line, at) =>
      `<text class="small" x="0" y="${top + Number(height) + (at + 1) * LINE}">${escapeText(line)}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" role="img" aria-label="${escapeText(title)}">
<style>${CHART_STYLE}
.page{fill:#fff}.title{font-size:17px;font-weight:600}
@media (prefers-color-scheme:dark){.page{fill:#0d1117}}</style>
<rect class="page" width="${WIDTH}" height="${total}" rx="6"/>
<svg class="chart" x="${PADDING}" y="${PADDING}" width="${inner}" height="${total - 2 * PADDING}"><text class="title" x="0" y="17">${escapeText(title)}</text>
<svg y="${top}" width="${inner}" height="${height}">${chart}</svg>
${caption.join('\n')}</svg>
</svg>
`
}

/** The name, and below it what tells the row from others: its group, or what it stands beside if that differs. */
function labels({ group, name, beside }, { withGroup, withBeside }) {
  if (withGroup) return [name, group]
  return withBeside && beside && !name.includes(beside.name)
    ? [name, `beside ${besideName(beside)}`]
    : [name]
}

function draw(body, { scale, hints, band, one, unit, label }) {
  const bars = []
  const texts = []
  let y = HEAD
  for (const row of body) {
    const barsTop = y + lineCount(row) * LINE
    texts.push(...drawTexts(row, y))
    bars.push(...row.bars.map((bar, i) => drawBar(bar, barsTop + i * (BAR + 3), scale)))
    y = barsTop + row.bars.length * (BAR + 3) + GAP
  }
  const ticks = scale.ticks.map((tick) => drawTick(tick, scale, y, unit))
  const shade = band
    ? `<rect class="band" x="${at(scale, band[0])}" width="${wide(scale, ...band)}" y="${HEAD}" height="${y - HEAD}"/>`
    : ''
  const line = one ? rule('one', scale, 1, HEAD, y) : ''
  return `<svg class="chart" role="img" aria-label="${escapeText(label)}" width="100%" height="${y + AXIS}">
<text class="small" x="0" y="13">${escapeText(hints[0])}</text><text class="small" x="100%" y="13" text-anchor="end">${escapeText(hints[1])}</text>
${[...ticks, shade, line, ...bars, ...texts].join('\n')}</svg>`
}

/** The figure stands at the end of the first line that leaves room for it, else in a line of its own. */
function figureLine({ lines }) {
  const roomy = lines.findIndex((line) => line.length <= MAX_BESIDE_FIGURE)
  return roomy === -1 ? lines.length : roomy
}

function lineCount(row) {
  return Math.max(row.lines.length, figureLine(row) + 1)
}

function drawTexts(row, top) {
  const baseline = (line) => top + 13 + line * LINE
  return [
    ...row.lines.map(
      (text, line) =>
        `<text class="${line === 0 ? 'name' : 'small'}" x="0" y="${baseline(line)}">${escapeText(text)}</text>`,
    ),
    `<text x="100%" y="${baseline(figureLine(row))}" text-anchor="end">${escapeText(row.figure)}</text>`,
  ]
}

function drawBar({ from, to, spread, style }, top, scale) {
  const middle = top + BAR / 2
  const bar = `<rect class="${style}" x="${at(scale, Math.min(from, to))}" width="${wide(scale, from, to)}" y="${top}" height="${BAR}"/>`
  if (!spread) return bar
  const caps = spread.map((end) => rule('whisker', scale, end, middle - 4, middle + 4))
  return `${bar}<line class="whisker" x1="${at(scale, spread[0])}" x2="${at(scale, spread[1])}" y1="${middle}" y2="${middle}"/>${caps.join('')}`
}

function drawTick(tick, scale, bottom, unit) {
  const place = scale.place(tick)
  const anchor = place < 0.06 ? 'start' : place > 0.94 ? 'end' : 'middle'
  const text = unit ? amount(tick, unit) : String(tick)
  return `${rule('tick', scale, tick, HEAD, bottom)}<text class="small" x="${at(scale, tick)}" y="${bottom + 16}" text-anchor="${anchor}">${escapeText(text)}</text>`
}

function rule(style, scale, value, top, bottom) {
  const x = at(scale, value)
  return `<line class="${style}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`
}

function at(scale, value) {
  return percent(MARGIN + scale.place(value) * (100 - 2 * MARGIN))
}

function wide(scale, from, to) {
  const part = Math.abs(scale.place(to) - scale.place(from))
  // A sliver, so that a bar of nothing is still seen.
  return percent(Math.max(0.3, part * (100 - 2 * MARGIN)))
}

function percent(value) {
  return `${value.toFixed(2)}%`
}

/** From the round number at or below the least to the one at or above the most. */
function logScale(least, most) {
  const steps = []
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    for (const step of [1, 2, 5]) steps.push(Number(`${step}e${power}`))
  }
  const low = steps.findLast((step) => step <= least) ?? steps[0]
  const high = steps.find((step) => step >= most) ?? steps.at(-1)
  const inside = steps.filter((step) => step >= low && step <= high)
  const span = Math.log(high / low)
  return {
    least: low,
    ticks: fewer(inside),
    place: (value) => Math.min(1, Math.max(0, Math.log(Math.max(value, low) / low) / span)),
  }
}

/** As many ticks as there is room for: all, else the powers of ten, else some of these. */
function fewer(steps) {
  if (steps.length <= MAX_TICKS) return steps
  const powers = steps.filter((step) => Number.isInteger(Number(Math.log10(step).toFixed(9))))
  const every = Math.ceil(powers.length / MAX_TICKS)
  // Counted from 1, which is always there.
  const middle = Math.max(0, powers.indexOf(1))
  return powers.filter((_, at) => (at - middle) % every === 0)
}

function linearScale(most) {
  const rough = most / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)
  const count = Math.ceil(most / step)
  const high = count * step
  return {
    least: 0,
    ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6))),
    place: (value) => Math.min(1, Math.max(0, value / high)),
  }
}
