#!/usr/bin/env node
// The command: npx sealdiff-bench, or npm run bench. Runs suites, prints their rows, and writes what was asked for.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { comparisonLines } from './compare.mjs'
import { markdownTable, svgChart } from './markdown.mjs'
import { EFFORTS } from './measure.mjs'
import { runPartInProcess } from './part-process.mjs'
import { showProgress } from './progress.mjs'
import { htmlReport } from './report.mjs'
import { runAll } from './run.mjs'
import { checkOutput, readRun, toJson, UsageError, writeOutput } from './run-file.mjs'
import { loadParts, SUITES } from './suites.mjs'
import { summaryLines } from './summary.mjs'

// In production a static master key is refused; here it is random, and protects nothing.
process.env.NODE_ENV = 'test'

const HELP = `usage: npx sealdiff-bench [SUITE ...] [OPTIONS]

Measures sealdiff on this machine beside what a program would use instead, and checks every answer first.

suites: ${SUITES.join(', ')}, all (the default); or one part of a suite, such as envelope/bulk

  --quick            everything in less than a minute: fewer and shorter runs, so the numbers are rough
  --filter TEXT      only rows whose group and name contain TEXT
  --old FILE, --new FILE   two versions of a document that the suite diff compares too
  --json [FILE]      the run as JSON, to FILE (its name ends in .json), else to standard output
  --html FILE        a report: one page with charts and tables
  --svg FILE         one chart, of the headlines, for a README
  --markdown FILE    one table, of the headlines, for a README
  --compare OLD.json what changed, beyond the noise, since a run that --json wrote
  --from RUN.json    measures nothing: takes the run that --json wrote, for --html, --svg, --markdown, --compare
  --help             this text

Peers are optional. One that is not installed is named, with the command that installs it.`

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  filter: { type: 'string' },
  old: { type: 'string' },
  new: { type: 'string' },
  json: { type: 'string' },
  html: { type: 'string' },
  svg: { type: 'string' },
  markdown: { type: 'string' },
  compare: { type: 'string' },
  from: { type: 'string' },
  help: { type: 'boolean', default: false },
}
const STANDARD_OUTPUT = '-'
/** What a shell says of a program that SIGPIPE ended; Node.js itself ignores that signal. */
const UNREAD = 141

for (const stream of [process.stdout, process.stderr]) stream.on('error', endUnread)

try {
  process.exitCode = await main(parse(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`sealdiff-bench: ${error.message}\nsee: npx sealdiff-bench --help`)
  process.exitCode = 2
}

/** Who reads may have read enough, as `head` does: then nothing needs to be measured any more. */
function endUnread(error) {
  if (error.code === 'EPIPE') process.exit(UNREAD)
  console.error(`sealdiff-bench: can't write what was measured: ${error.message}`)
  process.exit(2)
}

/** @returns {Promise<number>} the exit code: 1 if an answer was wrong */
async function main({ options, suites }) {
  if (options.help) {
    console.log(HELP)
    return 0
  }
  // Where the JSON goes to standard output, nothing else may.
  const output = options.json === STANDARD_OUTPUT ? process.stderr : process.stdout
  const say = (lines) => output.write(`${lines.join('\n')}\n`)
  const old = options.compare && readRun(options.compare)
  for (const file of filesOf(options)) checkOutput(file)
  const run = options.from ? readRun(options.from) : await measured(options, suites, output, say)
  write(run, options, say)
  if (old) say(comparisonLines(old, run, options.compare))
  return run.parts.some(({ rows }) => rows.some(({ failed }) => failed)) ? 1 : 0
}

async function measured(options, suites, output, say) {
  const parts = await loadParts(suites)
  const known = parts.flatMap(({ suite, name }) => ['all', suite, `${suite}/${name}`])
  const unknown = suites.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new UsageError(`no part ${unknown.join(', ')}`)
  const { quick, filter } = options
  const documents = options.old && [options.old, options.new]
  for (const file of documents ?? []) checkInput(file)
  say([
    'ratio = our time ÷ that of what stands beside, in the same run: below 1 is quicker. µs per operation.',
  ])
  const { rounds } = quick ? EFFORTS.quick : EFFORTS.full
  const listener = showProgress(output, process.stderr, rounds)
  const run = await runAll(parts, { suites, quick, filter, documents }, listener, runPartInProcess)
  if (filter !== undefined && run.parts.every(({ rows }) => rows.length === 0)) {
    throw new UsageError(`no row's group and name contain ${JSON.stringify(filter)}`)
  }
  say(summaryLines(run))
  // As it is read back, so that a report of the file is the same as the report of the run.
  return JSON.parse(toJson(run))
}

function filesOf({ json, html, svg, markdown }) {
  return [json !== STANDARD_OUTPUT && json, html, svg, markdown].filter(Boolean)
}

function checkInput(file) {
  try {
    readFileSync(file)
  } catch (error) {
    throw new UsageError(`can't read ${file}: ${error.message}`)
  }
}

function write(run, { json, html, svg, markdown }, say) {
  if (json === STANDARD_OUTPUT) process.stdout.write(toJson(run))
  const files = [
    [json !== STANDARD_OUTPUT && json, toJson],
    [html, htmlReport],
    [svg, svgChart],
    [markdown, markdownTable],
  ]
  for (const [file, render] of files) {
    if (!file) continue
    writeOutput(file, render(run))
    say([`wrote ${path.resolve(file)}`])
  }
}

function parse(args) {
  let parsed
  try {
    parsed = parseArgs({ args: withJson(args), options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error.message)
  }
  const { values: options, positionals } = parsed
  const known = new Set(['all', ...SUITES])
  const unknown = positionals.filter((name) => !known.has(name.split('/')[0]))
  if (unknown.length > 0) {
    throw new UsageError(
      `no suite ${unknown.join(', ')}; the suites are ${SUITES.join(', ')} and all`,
    )
  }
  if ((options.old === undefined) !== (options.new === undefined)) {
    throw new UsageError('--old and --new belong together')
  }
  const isAll = positionals.length === 0 || positionals.includes('all')
  return { options, suites: isAll ? ['all'] : positionals }
}

/** `--json` without a file's name stands for standard output. */
function withJson(args) {
  return args.map((arg, at) =>
    arg === '--json' && !args[at + 1]?.endsWith('.json') ? `--json=${STANDARD_OUTPUT}` : arg,
  )
}
