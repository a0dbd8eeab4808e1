// CPU time of other programs, their start included: run in a shell, which counts the time of its children.
import { spawnSync } from 'node:child_process'
import { median, quartilesOf } from './measure.mjs'

/** bash counts in microseconds; other shells in ticks of 10 ms, which a round is long enough for. */
const SHELLS = ['bash', 'sh']
const LOOP = 'n=$1; shift; i=0; while [ $i -lt $n ]; do "$@" >/dev/null; i=$((i+1)); done; times'
/** Nothing of the user's configuration: no pager, colours, filters or external programs. */
const ENV = {
  ...process.env,
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
}

/** What the program prints; it may end with 1, which says that files differ. @param {string[]} command */
export function outputOf([program, ...args]) {
  const options = { env: ENV, encoding: 'utf8', maxBuffer: 2 ** 30 }
  const { status, stdout, stderr, error } = spawnSync(program, args, options)
  if (error) throw error
  if (status > 1) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return stdout
}

/**
 * Times a function of this process and a command in turn.
 *
 * @param {() => unknown} ours @param {string[]} command @param {{ rounds: number, roundMs: number }} effort
 * @returns {{ value: number, spread: [number, number], ratio: number, quartiles: [number, number],
 *   theirs: { value: number, spread: [number, number] }, runs: number }} in ms of CPU time
 */
export function besideCommand(ours, command, { rounds, roundMs }) {
  const counts = [
    enough(() => cpuOf(ours, 1), roundMs),
    enough(() => cpuOfCommand(command, 1), roundMs),
  ]
  const times = Array.from({ length: rounds }, () => [
    cpuOf(ours, counts[0]),
    cpuOfCommand(command, counts[1]),
  ])
  const [mine, theirs] = [0, 1].map((side) => times.map((round) => round[side]))
  const ratios = times.map(([own, other]) => own / other)
  return {
    value: median(mine),
    spread: quartilesOf(mine),
    ratio: median(ratios),
    quartiles: quartilesOf(ratios),
    theirs: { value: median(theirs), spread: quartilesOf(theirs) },
    runs: rounds,
  }
}

/** How many calls fill a round; the second of two says how long one takes that is no start. */
function enough(time, roundMs) {
  time()
  return Math.max(1, Math.round(roundMs / Math.max(time(), 0.001)))
}

function cpuOf(call, count) {
  const start = process.cpuUsage()
  for (let i = 0; i < count; i++) call()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000 / count
}

function cpuOfCommand(command, count) {
  for (const shell of SHELLS) {
    const args = ['-c', LOOP, shell, String(count), ...command]
    const { error, stdout } = spawnSync(shell, args, { env: ENV, encoding: 'utf8' })
    if (error === undefined) return childrenMs(stdout) / count
  }
  throw new Error('no shell that could time a command: bash or sh')
}

/** The second line of `times`: user and system time of the children, as 0m1.234s. */
function childrenMs(times) {
  const line = times.trim().split('\n').at(-1)
  const seconds = [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => 60 * m + Number(s))
  return 1000 * seconds.reduce((sum, time) => sum + time, 0)
}
