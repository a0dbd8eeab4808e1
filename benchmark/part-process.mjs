// Runs a part in a process of its own, so that no part's numbers depend on what ran before it: on compiled code,
// on what caches hold, on how large the heap is. A part that ends its process ends only itself.
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { brokenOff, emptyResult, restLeftOut } from './part.mjs'
import { endTree, HAS_GROUPS, SIGNALS } from './process-tree.mjs'

const PROGRAM = fileURLToPath(new URL('./part-program.mjs', import.meta.url))

/**
 * @param {import('./suites.mjs').Part} part
 * @param {import('./part.mjs').PartOptions} options
 * @param {{ caseBegins(subject: object): void, rowMade(row: object): void }} listener
 */
export async function runPartInProcess(part, options, listener) {
  const unfinished = emptyResult(part)
  const add = (row) => {
    unfinished.rows.push(row)
    listener.rowMade(row)
  }
  const onMessage = ({ subject, row }) => {
    if (subject) listener.caseBegins(subject)
    if (row) add(row)
  }
  const { result, isLate, status } = await ended(part, options, onMessage)
  if (result !== undefined) return result
  add(isLate ? restLeftOut(part) : brokenOff(part, `its process ended with ${status}`))
  return unfinished
}

/** Waits for the process of a part; ends it, or doesn't start it, where the time for all parts is over. */
function ended({ name }, options, onMessage) {
  const left = options.end === undefined ? undefined : options.end - Date.now()
  if (left <= 0) return { isLate: true }
  // For the files that it makes: one that is ended removes nothing.
  const folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-bench-'))
  const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder }
  const child = fork(PROGRAM, [JSON.stringify({ name, options })], { detached: HAS_GROUPS, env })
  let [result, isLate] = [undefined, false]
  const clean = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  const endIt = () => {
    endTree(child.pid)
    clean()
  }
  const end = () => {
    isLate = true
    endIt()
  }
  const endWithUs = (signal) => {
    endIt()
    process.kill(process.pid, signal)
  }
  for (const signal of SIGNALS) process.once(signal, endWithUs)
  process.once('exit', endIt)
  const timer = left && setTimeout(end, left)
  child.on('message', (message) => {
    result ??= message.result
    onMessage(message)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      for (const signal of SIGNALS) process.off(signal, endWithUs)
      process.off('exit', endIt)
      // What it started may outlive it, where it broke.
      if (HAS_GROUPS) endTree(child.pid)
      clean()
      resolve({ result, isLate, status: signal ?? code })
    })
  })
}
