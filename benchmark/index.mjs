// npm run bench [-- --only NAME]: runs the suites in turn. Checks every answer, then prints medians and ratios.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import * as bulk from './bulk.mjs'
import * as diff from './diff.mjs'
import * as envelope from './envelope.mjs'
import { EFFORTS, measure } from './measure.mjs'
import * as memory from './memory.mjs'
import * as partitions from './partitions.mjs'
import { printHead, printLimits, printMissing, printResult } from './table.mjs'
import * as workers from './workers.mjs'

process.env.NODE_ENV ??= 'test'

const HELP = `usage: npm run bench [-- OPTIONS]

  --only NAME            envelope, diff, workers or memory; all of them without it
  --quick                fewer and shorter rounds: shows that everything runs, its numbers are rough
  --documents OLD NEW    what diff compares; generated documents without it
  --help                 this text

The map that holds the factories has a benchmark of its own, in Rust:
  cargo run --release --manifest-path benchmark/registry/Cargo.toml`

const { values: options, positionals } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    documents: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const SUITES = {
  envelope: () => beside([envelope, partitions, bulk]),
  diff: () => beside([diff], documents()),
  workers: () => workers.run(effort),
  memory: () => memory.run(options.quick),
}
const effort = options.quick ? EFFORTS.quick : EFFORTS.full

if (options.help) console.log(HELP)
else await main()

async function main() {
  const names = options.only === undefined ? Object.keys(SUITES) : [options.only]
  if (!Object.hasOwn(SUITES, names[0])) throw new Error(`no suite of that name\n\n${HELP}`)
  console.log(`sealdiff on Node.js ${process.version}, ${cpus().length} × ${cpus()[0].model}`)
  for (const name of names) {
    console.log(`\n# ${name}\n`)
    await SUITES[name]()
  }
}

/** Suites of cases with a yardstick each. @param {{ formula: string, cases: Function }[]} suites */
async function beside(suites, ...args) {
  console.log(
    `µs per call, medians of ${effort.rounds} interleaved rounds; ratio = our CPU time ÷ that of what stands beside`,
  )
  for (const { formula } of suites) console.log(formula)
  console.log()
  printHead()
  const results = []
  for (const { cases } of suites) {
    for await (const subject of cases(...args)) {
      if (subject.missing !== undefined) printMissing(subject)
      else printResult(results[results.push(await measure(subject, effort)) - 1])
    }
  }
  printLimits(results)
}

function documents() {
  if (!options.documents) return undefined
  if (positionals.length !== 2)
    throw new Error('--documents takes two files: the old and the new one')
  return positionals
}
