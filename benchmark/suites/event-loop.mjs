// How long the event loop waits while sessions work: in a fresh process (event-loop-job.mjs).
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const suite = 'concurrency'
export const title = 'Delay of the event loop'
export const about =
  'How late a timer of 1 ms comes while a thousand callers seal by promises, beside sync calls and an idle loop. What is begun in one turn is read in that turn, for a caller may change it in the next: the last two rows are as long as that takes.'

const PROGRAM = fileURLToPath(new URL('../event-loop-job.mjs', import.meta.url))
const [BURSTS, QUICK_BURSTS] = [10, 2]

/** @param {{ quick: boolean }} context */
export async function* cases({ quick }) {
  const args = [PROGRAM, String(quick ? QUICK_BURSTS : BURSTS)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  yield* JSON.parse(stdout)
}
