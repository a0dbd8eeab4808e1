// Runs one contender on one pair in a process of its own, which can be ended: for what may take minutes or
// gigabytes, and for peaks of memory, which a process shows only once.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./isolated-job.mjs', import.meta.url))
const LAST_WORDS = 300
const POLL_MS = 100
/** For checking the answer once it was timed, on the clock. */
const CHECK_MS = 60_000
/** In which Linux counts the time of a process for others to read. */
const TICK_MS = 10

/**
 * @typedef {{ kind: 'text' | 'json', contender: string, pair: object, runs?: number, buffers?: boolean }} Job
 * @typedef {{ cpuMs: number[], peakMiB: number, count?: number }} Figures CPU time of each run;
 *   resident memory at its peak during the first, over what it was before; changes found
 * @param {Job} job
 * @param {{ capMs?: number, heapMiB?: number }} limits `capMs` of CPU time for the timed runs alone
 * @returns {Promise<{ figures: Figures } | { overMs: number } | { failed: string }>}
 */
export async function runIsolated(job, { capMs, heapMiB }) {
  const heap = heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`]
  const child = spawn(process.execPath, ['--expose-gc', ...heap, PROGRAM, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stderr, figures, ended, watch, deadline] = ['']
  const end = (outcome) => {
    ended = outcome
    child.kill('SIGKILL')
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'begins') {
      // What it takes to start is not counted.
      if (capMs !== undefined) watch = onceOver(child.pid, capMs, () => end({ overMs: capMs }))
      return
    }
    // It was timed; what its check takes is not the contender's.
    clearInterval(watch)
    figures = JSON.parse(line)
    deadline = setTimeout(
      () => end({ failed: `not checked within ${CHECK_MS / 1000} s` }),
      CHECK_MS,
    )
  })
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const code = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  )
  clearInterval(watch)
  clearTimeout(deadline)
  if (ended !== undefined) return ended
  if (code === 0) return { figures }
  const why = reason(stderr, heapMiB)
  return { failed: figures === undefined ? why : `while its answer was checked: ${why}` }
}

/** Calls `end` when a process has used so much CPU time from now on; where none is told, so much time on the clock. */
function onceOver(pid, capMs, end) {
  const clock = spentMs(pid) === undefined ? () => performance.now() : () => spentMs(pid)
  const start = clock()
  return setInterval(() => clock() - start >= capMs && end(), Math.min(POLL_MS, capMs))
}

/** CPU time of all its threads; undefined once it has ended, and on systems that have no such file. */
function spentMs(pid) {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return undefined
  const stat = readFileSync(file, 'utf8')
  // The name of the program may hold spaces; behind it, user and system time are the 12th and the 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

function reason(stderr, heapMiB) {
  if (stderr.includes('heap out of memory')) {
    return heapMiB === undefined ? 'out of memory' : `out of memory with ${heapMiB} MiB`
  }
  const [, error] = /^(\w*Error.*)$/m.exec(stderr) ?? []
  return error ?? stderr.trim().slice(-LAST_WORDS)
}
