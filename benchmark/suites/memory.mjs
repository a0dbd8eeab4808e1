// What memory stays behind: each figure from a fresh process (memory-jobs.mjs).
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { NO_TIME } from '../part.mjs'

export const title = 'Memory that stays behind'
export const about =
  'How much larger a process is after a million records, after 100 000 partitions, and after each of ten equal rounds of calls. Each figure is of a process of its own.'

const PROGRAM = fileURLToPath(new URL('../memory-jobs.mjs', import.meta.url))
const JOBS = ['records', 'partitions', 'rounds', 'diffRounds']
const QUICK_PART = 0.05

/** @param {{ quick: boolean, isLate: () => boolean }} context `quick`: a twentieth of everything */
export async function* cases({ quick, isLate }) {
  for (const job of JOBS) {
    if (isLate()) {
      yield { group: 'Memory that stays behind', name: job, leftOut: NO_TIME }
      continue
    }
    const args = ['--expose-gc', PROGRAM, job, String(quick ? QUICK_PART : 1)]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    yield* JSON.parse(stdout)
  }
}
