// npm run bench:compare: the instructions of chosen calls under valgrind's callgrind, beside those of the baseline in
// instructions.json. Times of a busy machine hide a loss of 3 %; counts of instructions don't.
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { objectPair } from './documents/objects.mjs'
import { loadPair } from './documents/pairs.mjs'

const HELP = `usage: npm run bench:compare [-- OPTIONS]

Counts the instructions of chosen calls of the two Rust cores and compares them with benchmark/instructions.json.

  --check    exit code 1 if a call takes over THRESHOLD % more than the baseline
  --update   write the baseline: on purpose, with the reason in the commit
  --help     this text`

/** In percent. Repeated runs of one program differed by 0.5 % at most: hash seeds and addresses are random. */
const THRESHOLD = 3
const HERE = import.meta.dirname
const BASELINE = path.join(HERE, 'instructions.json')
const MANIFEST = path.join(HERE, 'cores/Cargo.toml')
const DOCUMENTS = path.join(HERE, '.cache/instructions')
const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(HERE, 'cores/target')
const PROGRAM = path.join(TARGET, 'release/instructions')

const CASES = [
  'seal 64 B',
  'seal 1 MiB',
  'unseal 64 B',
  'unseal 1 MiB',
  'encrypt 64 B',
  'encrypt 1 MiB',
  'unified deployment',
  'unified retouched',
  'unified definition',
  'unified rewritten',
  'json inventory',
  'json list',
  'delta definition',
]

/** By name: old and new text. */
const PAIRS = {
  deployment: () => loadPair({ from: 'deployment' }),
  retouched: () => loadPair({ from: 'retouched', size: 6000 }),
  definition: () => loadPair({ from: 'definition', size: 6000 }),
  rewritten: () => loadPair({ from: 'rewritten', size: 6000 }),
  inventory: () => texts('inventory, small edits'),
  list: () => texts('long list, items moved out and in'),
}

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) console.log(HELP.replace('THRESHOLD', THRESHOLD))
else await main()

async function main() {
  const tools = {
    valgrind: version('valgrind', 'apt-get install valgrind'),
    rustc: version('rustc', 'https://rustup.rs'),
  }
  build()
  writeDocuments()
  const counts = await countAll()
  if (options.update) writeBaseline(tools, counts)
  else compare(tools, counts, JSON.parse(readFileSync(BASELINE, 'utf8')))
}

function version(program, source) {
  const { error, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  if (error) throw new Error(`${program} is missing: ${source}`)
  return /\d+(\.\d+)+/.exec(stdout)[0]
}

function build() {
  const args = [
    'build',
    '--release',
    '--locked',
    '--manifest-path',
    MANIFEST,
    '--target-dir',
    TARGET,
  ]
  const { status } = spawnSync('cargo', args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`cargo ${args.join(' ')} ended with ${status}`)
}

function writeDocuments() {
  rmSync(DOCUMENTS, { recursive: true, force: true })
  mkdirSync(DOCUMENTS, { recursive: true })
  for (const [name, pair] of Object.entries(PAIRS)) {
    const [old, new_] = pair()
    writeFileSync(path.join(DOCUMENTS, `${name}.old`), old)
    writeFileSync(path.join(DOCUMENTS, `${name}.new`), new_)
  }
}

function texts(name) {
  return objectPair(name).map((value) => JSON.stringify(value))
}

/** As many at once as there are processors: who else uses them changes no count. */
async function countAll() {
  const counts = {}
  const waiting = [...CASES]
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      counts[name] = await count(name)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return Object.fromEntries(CASES.map((name) => [name, counts[name]]))
}

/** Instructions of one call. The program says how many it made. */
async function count(name) {
  const args = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--toggle-collect=measured']
  const { stdout, stderr } = await promisify(execFile)('valgrind', [
    ...args,
    PROGRAM,
    name,
    DOCUMENTS,
  ])
  const [, collected] = /Collected : (\d+)/.exec(stderr) ?? []
  if (!(collected > 0)) throw new Error(`valgrind counted nothing:\n${stderr}`)
  return Math.round(collected / Number(stdout))
}

function writeBaseline(tools, counts) {
  writeFileSync(BASELINE, `${JSON.stringify({ ...tools, instructions: counts }, null, 2)}\n`)
  console.log(`written: ${BASELINE}`)
}

function compare(tools, counts, baseline) {
  for (const [tool, used] of Object.entries(tools)) {
    if (used === baseline[tool]) continue
    console.log(
      `${tool} ${used} here, ${baseline[tool]} when the baseline was written: part of what differs may be its doing`,
    )
  }
  console.log(row('instructions per call', 'baseline', 'now', 'difference'))
  const slower = Object.entries(counts).filter(([name, now]) => {
    const before = baseline.instructions[name]
    const percent = (100 * now) / before - 100
    const verdict = percent > THRESHOLD ? 'MORE' : percent < -THRESHOLD ? 'less' : ''
    console.log(row(name, thousands(before), thousands(now), signed(percent), verdict))
    return percent > THRESHOLD
  })
  if (slower.length === 0) return console.log(`\nno call takes over ${THRESHOLD} % more`)
  console.log(
    `\n${slower.length} of ${CASES.length} calls take over ${THRESHOLD} % more; if that is meant: npm run bench:compare -- --update`,
  )
  if (options.check) process.exitCode = 1
}

function row(name, ...cells) {
  return `${name.padEnd(24)}${cells.map((cell) => cell.padStart(14)).join('')}`.trimEnd()
}

function thousands(count) {
  return count === undefined ? '-' : count.toLocaleString('en').replaceAll(',', ' ')
}

function signed(percent) {
  if (Number.isNaN(percent)) return 'new'
  return `${percent < 0 ? '-' : '+'}${Math.abs(percent).toFixed(2)} %`
}
