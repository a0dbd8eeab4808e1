// The map in which every thread finds the factories of the process: what could hold it, by threads that do nothing
// else. Measured by a Rust program (benchmark/registry), which knows nothing of sealdiff.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findBuilt, programFile } from '../find-peer.mjs'
import { NO_TIME } from '../part.mjs'

export const suite = 'concurrency'
export const title = 'One locked map or a sharded one'
export const about =
  'Look-ups by 1 to 8 threads at once in the sharded map that sealdiff keeps its open factories in (dashmap), beside one map behind one lock: CPU time per look-up, of threads that do nothing else. On few processors threads seldom meet; the more there are, the further the two lie apart.'

const PROGRAM = {
  project: 'registry',
  file: programFile('registry-benchmark'),
  name: 'the map of factories, in Rust',
}
/** Percent of the processors: with less the threads seldom run at once, and a round has too little of their time. */
const LEAST_SHARE = 30
const [SHARDED, LOCKED] = ['dashmap', 'Mutex<HashMap>']

export async function* cases({ quick, isLate }) {
  const { file, missing } = findBuilt(PROGRAM)
  if (missing) {
    yield { group: title, name: 'all threads', missing }
    return
  }
  if (isLate()) {
    yield { group: title, name: 'all threads', leftOut: NO_TIME }
    return
  }
  const args = [...(quick ? ['--quick'] : []), SHARDED, LOCKED]
  const { stdout } = await promisify(execFile)(file, args)
  for (const table of tablesOf(stdout)) yield* rows(table)
}

/** Blocks of lines: a title, the numbers of threads, then a row for each map with `wall / CPU` for each number. */
function tablesOf(output) {
  return output
    .split('\n\n')
    .map((block) => block.trim().split('\n'))
    .filter(([, head]) => head?.startsWith('wall / CPU'))
    .map(([scenario, head, ...lines]) => ({
      scenario,
      threads: [...head.matchAll(/(\d+) threads/g)].map(([, threads]) => Number(threads)),
      costs: Object.fromEntries(lines.map(costsOf)),
      shares: [...lines.at(-1).matchAll(/(\d+) %/g)].map(([, share]) => Number(share)),
    }))
}

function costsOf(line) {
  const cells = [...line.matchAll(/(\d+) \/ (\d+)/g)]
  const name = line.slice(0, cells[0]?.index).trim()
  return [name, cells.map(([, , cpu]) => Number(cpu))]
}

function* rows({ scenario, threads, costs, shares }) {
  for (const [at, count] of threads.entries()) {
    const name = `${count} ${count === 1 ? 'thread' : 'threads'}`
    const row = { group: `A look-up among ${scenario}`, name }
    const got = `the threads got ${shares[at]} % of the processors that they could have used`
    if (shares[at] < LEAST_SHARE) yield { ...row, leftOut: `others used the machine: ${got}` }
    else yield { ...row, ...figures(costs, at), note: `${got[0].toUpperCase()}${got.slice(1)}.` }
  }
}

function figures(costs, at) {
  const beside = { name: 'one map behind one lock', own: true, value: costs[LOCKED][at] }
  return { unit: 'ns', value: costs[SHARDED][at], beside }
}
