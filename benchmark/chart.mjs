// Bars of ratios and of figures as SVG, with their spread. Positions across are percentages, so that a chart is as
// wide as its page while its text stays readable; heights are pixels.
import { escapeText } from './escape.mjs'
import { holds, standing } from './rows.mjs'
import { amount, besideName, number, range } from './table.mjs'

const LINE = 18
const BAR = 14
const GAP = 12
const HEAD = 22
const AXIS = 24
/** What stays free on both sides, in percent. */
const MARGIN = 1.5
const MAX_TICKS = 7
/** From this factor between the largest and the smallest figure on, a chart of figures is logarithmic. */
const LOG_FROM = 50

/** Colours with a contrast of at least 4.5 to the page; what is ahead also differs by fill and side. */
export const CHART_STYLE = `
.chart{display:block;font:13px system-ui,sans-serif;overflow:visible}
.chart text{fill:#1f2328}
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
.chart text{fill:#f0f6fc}
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
  const hints =
    rows[0].better === 'more'
      ? ['◀ less than beside', 'more than beside ▶']
      : ['◀ sealdiff needs less', 'sealdiff needs more ▶']
  const body = rows.map((row) => ({
    lines: labels(row, options.withGroup),
    figure: `${number(row.ratio)} ×${row.quartiles ? ` (${range(row.quartiles)})` : ''}`,
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
      ...labels({ ...row, beside: undefined }, options.withGroup),
      ...(row.beside
        ? [`outlined: ${besideName(row.beside)}, ${amount(row.beside.value, unit)}`]
        : []),
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

function labels({ group, name, beside }, withGroup) {
  const first = withGroup ? `${group}: ${name}` : name
  return beside ? [first, `beside ${besideName(beside)}`] : [first]
}

function draw(body, { scale, hints, band, one, unit, label }) {
  const parts = []
  let y = HEAD
  for (const row of body) {
    parts.push(drawRow(row, y, scale))
    y += row.lines.length * LINE + row.bars.length * (BAR + 3) + GAP
  }
  const bottom = y
  const ticks = scale.ticks.map((tick) => drawTick(tick, scale, bottom, unit))
  const one_ = one
    ? `<line class="one" x1="${at(scale, 1)}" x2="${at(scale, 1)}" y1="${HEAD - 4}" y2="${bottom}"/>`
    : ''
  const shade = band
    ? `<rect class="band" x="${at(scale, band[0])}" width="${wide(scale, ...band)}" y="${HEAD - 4}" height="${bottom - HEAD + 4}"/>`
    : ''
  return `<svg class="chart" role="img" aria-label="${escapeText(label)}" width="100%" height="${bottom + AXIS}">
<text class="small" x="0" y="13">${escapeText(hints[0])}</text><text class="small" x="100%" y="13" text-anchor="end">${escapeText(hints[1])}</text>
${ticks.join('')}${shade}
${parts.join('\n')}
${one_}</svg>`
}

function drawRow({ lines, figure, bars }, top, scale) {
  const [name, ...others] = lines
  const texts = [
    `<text class="name" x="0" y="${top + 13}">${escapeText(name)}</text>`,
    `<text x="100%" y="${top + 13 + (others.length > 0 ? LINE : 0)}" text-anchor="end">${escapeText(figure)}</text>`,
    ...others.map(
      (text, line) =>
        `<text class="small" x="0" y="${top + 13 + (line + 1) * LINE}">${escapeText(text)}</text>`,
    ),
  ]
  const barsTop = top + lines.length * LINE
  const drawn = bars.map((bar, i) => drawBar(bar, barsTop + i * (BAR + 3), scale))
  return [...texts, ...drawn].join('')
}

function drawBar({ from, to, spread, style }, top, scale) {
  const middle = top + BAR / 2
  const bar = `<rect class="${style}" x="${at(scale, Math.min(from, to))}" width="${wide(scale, from, to)}" y="${top}" height="${BAR}"/>`
  if (!spread) return bar
  const caps = spread.map(
    (end) =>
      `<line class="whisker" x1="${at(scale, end)}" x2="${at(scale, end)}" y1="${middle - 4}" y2="${middle + 4}"/>`,
  )
  return `${bar}<line class="whisker" x1="${at(scale, spread[0])}" x2="${at(scale, spread[1])}" y1="${middle}" y2="${middle}"/>${caps.join('')}`
}

function drawTick(tick, scale, bottom, unit) {
  const place = scale.place(tick)
  const anchor = place < 0.06 ? 'start' : place > 0.94 ? 'end' : 'middle'
  const text = unit ? amount(tick, unit) : String(tick)
  return `<line class="tick" x1="${at(scale, tick)}" x2="${at(scale, tick)}" y1="${HEAD - 4}" y2="${bottom}"/><text class="small" x="${at(scale, tick)}" y="${bottom + 16}" text-anchor="${anchor}">${escapeText(text)}</text>`
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
