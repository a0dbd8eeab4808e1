// Waiting for a condition, never for a time.
import { setTimeout } from 'node:timers/promises'

/** Asks until the answer is true; fails with `what` after `seconds`. */
export async function until(what, ask, seconds = 60) {
  const end = performance.now() + seconds * 1000
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}`)
    await setTimeout(20)
  }
}
