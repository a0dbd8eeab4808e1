// Measures cases side by side: ours and its yardstick in turn, in one process, so that what the machine does
// meanwhile falls on both.

const ROUNDS = 9
const ROUND_MS = 60

/**
 * @typedef {{ name: string, run: () => unknown }} Side `run` may return a promise, which is awaited
 * @typedef {{ name: string, ours: Side, yardstick: Side, check: () => unknown }} Case
 */

/** Checks a case's answers, then times both sides. @param {Case} subject */
export async function measure({ name, ours, yardstick, check }) {
  await check()
  const sides = [ours, yardstick]
  const counts = []
  for (const side of sides) counts.push(await calibrate(side))
  const rounds = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    // The order alternates, so that neither side always runs on the other's garbage.
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      rounds[i].push(await timePerCall(sides[i], counts[i]))
    }
  }
  const [mine, theirs] = rounds.map(summary)
  return {
    name,
    ours: { ...mine, name: ours.name },
    yardstick: { ...theirs, name: yardstick.name },
    ratio: mine.cpu / theirs.cpu,
  }
}

/** How many calls fill a round; the calls made to find out are the warm-up. */
async function calibrate(side) {
  let count = 1
  for (;;) {
    const { wall } = await timePerCall(side, count)
    const total = (wall * count) / 1000
    if (total >= ROUND_MS / 2) return Math.max(1, Math.round((count * ROUND_MS) / total))
    count *= 4
  }
}

/** Microseconds per call: wall time, and CPU time of all threads of the process. */
async function timePerCall({ run }, count) {
  const cpuBefore = process.cpuUsage()
  const before = process.hrtime.bigint()
  for (let i = 0; i < count; i++) {
    const result = run()
    // Awaiting what is no promise would cost the sync forms a turn of the microtask queue.
    if (result instanceof Promise) await result
  }
  const wall = Number(process.hrtime.bigint() - before) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { wall: wall / count, cpu: (user + system) / count }
}

function summary(times) {
  const cpu = times.map((time) => time.cpu).sort((a, b) => a - b)
  return {
    wall: median(times.map((time) => time.wall).sort((a, b) => a - b)),
    cpu: median(cpu),
    spread: (cpu.at(-1) - cpu[0]) / median(cpu),
  }
}

function median(sorted) {
  return sorted[Math.floor(sorted.length / 2)]
}
