// What `require('sealdiff')` does to the start of a process. What it reads is checked; how long that takes is told: warm,
// medians of fresh processes by turns with empty ones.
import assert from 'node:assert/strict'

const PROCESSES = 20
/** A file costs 0.15 to 0.3 ms: what many programs never use is read when it is first used (lib/lazy.js). */
const MAX_FILES = 32
/** Parts of Node.js that cost milliseconds, and that a program does not have before it asks for them. */
const COSTLY = /webstreams|crypto|worker|child_process|http|timers\/promises/
const TELL = `
const told = { ms: 0, files: 0, parts: [] }
process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  process.stdout.write(JSON.stringify({ ...told, cpuMs: (userCPUTime + systemCPUTime) / 1000 }))
})
`
const REQUIRE = `
const before = new Set(process.moduleLoadList)
const started = performance.now()
require('sealdiff')
told.ms = performance.now() - started
told.files = Object.keys(require.cache).length - 1
told.parts = process.moduleLoadList.filter((part) => !before.has(part))
`

/** In a project that has the package installed. */
export async function requireTime(consumer) {
  // As files: a process that is given its program with -e has parts of Node.js that others lack.
  consumer.write('empty.cjs', TELL)
  consumer.write('required.cjs', TELL + REQUIRE)
  const samples = { empty: [], required: [] }
  for (let i = 0; i < PROCESSES; i++) {
    for (const [name, taken] of Object.entries(samples)) {
      taken.push(JSON.parse(await consumer.node(`${name}.cjs`)))
    }
  }
  const [{ files, parts }] = samples.required
  assert.ok(files <= MAX_FILES, `require reads ${files} files; at most ${MAX_FILES} are allowed`)
  assert.deepEqual(
    parts.filter((part) => COSTLY.test(part)),
    [],
  )
  const ms = median(samples.required, 'ms').toFixed(1)
  const [empty, required] = [samples.empty, samples.required].map((each) => median(each, 'cpuMs'))
  return {
    note: `require takes ${ms} ms and reads ${files} files; the process takes ${required.toFixed(1)} ms of processor time, an empty one ${empty.toFixed(1)}`,
  }
}

function median(samples, name) {
  return samples.map((sample) => sample[name]).sort((a, b) => a - b)[samples.length >> 1]
}
