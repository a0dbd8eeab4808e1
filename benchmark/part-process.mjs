// Runs a part in a process of its own, so that no part's numbers depend on what ran before it: on compiled code,
// on what caches hold, on how large the heap is. A part that ends its process ends only itself.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { brokenOff, emptyResult } from './part.mjs'

const PROGRAM = fileURLToPath(new URL('./part-program.mjs', import.meta.url))

/**
 * @param {import('./suites.mjs').Part} part
 * @param {import('./part.mjs').PartOptions} options
 * @param {{ caseBegins(subject: object): void, rowMade(row: object): void }} listener
 */
export function runPartInProcess(part, options, listener) {
  const child = fork(PROGRAM, [JSON.stringify({ name: part.name, options })])
  const unfinished = emptyResult(part)
  let result
  child.on('message', (message) => {
    if (message.subject) listener.caseBegins(message.subject)
    if (message.row) {
      unfinished.rows.push(message.row)
      listener.rowMade(message.row)
    }
    result ??= message.result
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (result === undefined) {
        const row = brokenOff(part, `its process ended with ${signal ?? code}`)
        unfinished.rows.push(row)
        listener.rowMade(row)
      }
      resolve(result ?? unfinished)
    })
  })
}
