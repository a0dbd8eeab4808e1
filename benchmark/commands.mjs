// CPU time of other programs, their start included: run in a shell, which counts the time of its children.
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'

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

/** In a checkout git would obey its .gitattributes, whatever the files are. */
const SURROUNDINGS = { cwd: tmpdir(), env: ENV, encoding: 'utf8' }

/** What the program prints; it may end with 1, which says that files differ. @param {string[]} command */
export function outputOf([program, ...args]) {
  const options = { ...SURROUNDINGS, maxBuffer: 2 ** 30 }
  const { status, stdout, stderr, error } = spawnSync(program, args, options)
  if (error) throw error
  if (status > 1) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return stdout
}

/** CPU time of a command. @param {string[]} command @returns {import('./in-turn.mjs').Side} */
export function cpuOfCommand(command) {
  return (count) => cpuOfCalls(command, count)
}

function cpuOfCalls(command, count) {
  for (const shell of SHELLS) {
    const args = ['-c', LOOP, shell, String(count), ...command]
    const { error, stdout } = spawnSync(shell, args, SURROUNDINGS)
    if (error === undefined) return childrenMicroseconds(stdout) / count
  }
  throw new Error('no shell that could time a command: bash or sh')
}

/** The second line of `times`: user and system time of the children, as 0m1.234s. */
function childrenMicroseconds(times) {
  const line = times.trim().split('\n').at(-1)
  const seconds = [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => 60 * m + Number(s))
  return 1e6 * seconds.reduce((sum, time) => sum + time, 0)
}
