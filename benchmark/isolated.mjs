// Runs one contender on one pair in a process of its own, which can be ended: for what may take minutes or
// gigabytes, and for peaks of memory, which a process shows only once.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./isolated-job.mjs', import.meta.url))
const LAST_WORDS = 300

/**
 * @typedef {{ kind: 'text' | 'json', contender: string, pair: object, runs?: number, buffers?: boolean }} Job
 * @typedef {{ cpuMs: number[], peakMiB: number, count?: number }} Figures CPU time of each run;
 *   resident memory at its peak during the first, over what it was before; changes found
 * @param {Job} job
 * @param {{ capMs?: number, heapMiB?: number }} limits `capMs` from where it begins to compare, on the clock
 * @returns {Promise<{ figures: Figures } | { overMs: number } | { failed: string }>}
 */
export async function runIsolated(job, { capMs, heapMiB }) {
  const heap = heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`]
  const child = spawn(process.execPath, ['--expose-gc', ...heap, PROGRAM, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr, isOver, timer] = ['', '', false]
  const end = () => {
    isOver = true
    child.kill('SIGKILL')
  }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
    // Its first line says that it begins: what it takes to start is not counted.
    if (capMs !== undefined) timer ??= setTimeout(end, capMs)
  })
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const code = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  )
  clearTimeout(timer)
  if (isOver) return { overMs: capMs }
  if (code !== 0) return { failed: reason(stderr, heapMiB) }
  return { figures: JSON.parse(stdout.split('\n').at(-2)) }
}

function reason(stderr, heapMiB) {
  if (stderr.includes('heap out of memory')) {
    return heapMiB === undefined ? 'out of memory' : `out of memory with ${heapMiB} MiB`
  }
  const [, error] = /^(\w*Error.*)$/m.exec(stderr) ?? []
  return error ?? stderr.trim().slice(-LAST_WORDS)
}
