// What memory stays behind, and how long the event loop waits: each in a fresh process (memory-jobs.mjs).
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./memory-jobs.mjs', import.meta.url))

/** @param {boolean} isQuick a tenth of everything */
export function run(isQuick) {
  for (const job of ['records', 'partitions', 'rounds', 'diffRounds', 'eventLoop']) {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--expose-gc', PROGRAM, job, isQuick ? '0.1' : '1'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    )
    process.stdout.write(`${stdout}\n`)
    if (status !== 0) throw new Error(`${job} ended with ${status}`)
  }
}
