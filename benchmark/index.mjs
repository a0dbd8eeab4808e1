// npm run bench [-- --only envelope|diff] [--documents OLD NEW]
// Checks every answer, then prints medians and ratios. CPU time counts all threads of the process.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import * as diff from './diff.mjs'
import * as envelope from './envelope.mjs'
import { measure } from './measure.mjs'

process.env.NODE_ENV ??= 'test'

const { values: options, positionals } = parseArgs({
  options: { only: { type: 'string' }, documents: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const SUITES = { envelope: () => envelope.cases(), diff: () => diff.cases(documents()) }

console.log(`sealdiff on Node.js ${process.version}, ${cpus().length} × ${cpus()[0].model}`)
console.log(
  'µs per call, median of 9 interleaved rounds; ratio = our CPU time ÷ that of the yardstick',
)
console.log(`${envelope.formula}\n${diff.formula}\n`)
console.log(row('case', 'ratio', 'CPU', 'wall', 'spread', 'yardstick CPU', 'wall', 'spread', ''))
for (const [name, cases] of Object.entries(SUITES)) {
  if (options.only && options.only !== name) continue
  for await (const subject of cases()) print(await measure(subject))
}

function documents() {
  if (!options.documents) return undefined
  if (positionals.length !== 2)
    throw new Error('--documents takes two files: the old and the new one')
  return positionals
}

function print({ name, ratio, ours, yardstick }) {
  const numbers = [ours, yardstick].flatMap(({ cpu, wall, spread }) => [
    time(cpu),
    time(wall),
    `${Math.round(spread * 100)} %`,
  ])
  console.log(row(name, ratio.toFixed(ratio < 0.1 ? 3 : 2), ...numbers, yardstick.name))
}

function time(microseconds) {
  return microseconds < 100 ? microseconds.toFixed(2) : Math.round(microseconds).toString()
}

function row(name, ratio, cpu, wall, spread, theirCpu, theirWall, theirSpread, theirName) {
  const cells = [
    ratio.padStart(7),
    cpu.padStart(9),
    wall.padStart(9),
    spread.padStart(7),
    theirCpu.padStart(14),
    theirWall.padStart(9),
    theirSpread.padStart(7),
  ]
  return `${name.padEnd(28)}${cells.join('')}  ${theirName}`.trimEnd()
}
