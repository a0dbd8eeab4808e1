// Diffs two versions of a large document, off the main thread and on it, and prints what changed.
// usage: index.mjs [--color] [--hunks N] [OLD NEW]   (without files: a generated document of 1 MB)
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { applyPatch, Differ, parsePatch } from 'sealdiff'
import { generateVersions } from './generate.mjs'

const COLORS = { '@': '\x1b[36m', '-': '\x1b[31m', '+': '\x1b[32m' }
const RESET = '\x1b[0m'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    color: { type: 'boolean', default: colorByDefault() },
    hunks: { type: 'string', default: '3' },
  },
})

const [oldText, newText] =
  positionals.length === 2
    ? positionals.map((file) => readFileSync(file, 'utf8'))
    : generateVersions()
await show(oldText, newText)

async function show(oldText, newText) {
  const differ = new Differ()
  console.log(`old ${size(oldText)}, new ${size(newText)}`)
  const diff = await timed('asynchronously, off the main thread', () =>
    differ.lines(oldText, newText),
  )
  const unified = diff.unified()
  const again = await timed('synchronously', () => differ.unifiedSync(oldText, newText))
  const patched = await timed('patch applied to the old version', () =>
    applyPatch(oldText, parsePatch(unified)[0]),
  )
  printHunks(unified, Number(options.hunks))
  printStats(diff)
  console.log(`both ways gave the same text: ${again === unified ? 'yes' : 'NO'}`)
  console.log(`old version + patch = new version: ${patched === newText ? 'yes' : 'NO'}`)
  if (again !== unified || patched !== newText) process.exitCode = 1
}

async function timed(what, work) {
  const start = performance.now()
  const result = await work()
  console.log(`${what}: ${(performance.now() - start).toFixed(1)} ms`)
  return result
}

function printHunks(unified, limit) {
  // Lines of the documents start with a space, a minus or a plus; only a hunk starts with @@.
  const hunks = unified.split(/^(?=@@ )/m).filter((part) => part.startsWith('@@ '))
  console.log()
  for (const hunk of hunks.slice(0, limit)) {
    for (const line of hunk.trimEnd().split('\n')) console.log(paint(line))
  }
  const rest = hunks.length - limit
  if (rest > 0) console.log(`… and ${rest} more hunks`)
  console.log()
}

function printStats({ stats, exact }) {
  const { added, removed, unchanged, hunks, similarity } = stats
  console.log(`${added} lines added, ${removed} removed, ${unchanged} unchanged in ${hunks} hunks`)
  console.log(`similarity ${(similarity * 100).toFixed(1)} %, ${exact ? 'exact' : 'cut short'}`)
}

function paint(line) {
  const color = options.color && COLORS[line[0]]
  return color ? color + line + RESET : line
}

/** On a terminal, unless NO_COLOR is set; FORCE_COLOR and --color ask for it elsewhere. */
function colorByDefault() {
  const { FORCE_COLOR, NO_COLOR } = process.env
  if (NO_COLOR) return false
  if (FORCE_COLOR) return FORCE_COLOR !== '0'
  return process.stdout.isTTY === true
}

function size(text) {
  return `${(Buffer.byteLength(text) / 2 ** 20).toFixed(2)} MiB`
}
