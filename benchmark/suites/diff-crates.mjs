// Line diffs beside the Rust crates imara-diff and similar: a Rust program measures all three, without Node.js.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findBuilt, programFile } from '../find-peer.mjs'
import { NO_TIME } from '../part.mjs'

export const suite = 'diff'
export const title = 'Line diffs beside Rust crates'
export const about =
  'Unified diffs of real and of hard texts beside the crates imara-diff (histogram) and similar (Myers), all of them in one Rust program without Node.js: CPU time of a thread. Every patch of ours is applied first. Only in a checkout, where the program can be built.'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const PROGRAM = {
  project: 'rust',
  file: programFile('speed'),
  name: 'imara-diff and similar, in Rust',
}
const LOCK_FILE = path.join(HERE, '../rust/Cargo.lock')
const CACHE = path.join(HERE, '../.cache')
/** Where the real texts are, and how to have them. */
const FILES = {
  crd: {
    file: path.join(process.env.CORPORA ?? CACHE, 'crd_small.old'),
    command: 'CORPORA=FOLDER, which has crd_small.old and crd_small.new',
  },
  ...Object.fromEntries(
    ['lodash', 'ec2', 'typescript'].map((name) => [
      name,
      { file: path.join(CACHE, `${name}.old`), command: 'node benchmark/corpora.mjs' },
    ]),
  ),
}
const EDITED = ['5 MB, 200 edits', '5 MB, 1 edit']
/** Of a text that is made, so that it is there wherever the program is. */
const [HEADLINE] = EDITED
const HARD = [
  'shuffled',
  'reversed',
  '4 distinct lines',
  '} between',
  'blank runs',
  'every second line',
  'block move',
  'CRLF to LF',
]
const GROUPS = {
  imara: 'Unified diffs in Rust, beside imara-diff',
  similar: 'Unified diffs in Rust, beside similar',
}
const PEERS = { imara: 'imara-diff', similar: 'similar' }
const ROUNDS = 7
/** A peer that takes longer is ended. */
const PATIENCE_MS = 10_000
/** What counts as slow of similar, and what ours may take of a hard text whatever it does. */
const [SLOW_MS, MOST_MS] = [100, 400]
const MOST_EXCESS = 1.05

export async function* cases({ quick, isLate }) {
  const group = GROUPS.imara
  const { file: program, missing } = findBuilt(PROGRAM)
  if (missing) {
    yield { group, name: 'all texts', missing }
    return
  }
  const versions = existsSync(LOCK_FILE) ? versionsIn(readFileSync(LOCK_FILE, 'utf8')) : {}
  for (const name of quick ? [HEADLINE] : [...Object.keys(FILES), ...EDITED, ...HARD]) {
    const { file, command } = FILES[name] ?? {}
    if (file && !existsSync(file)) yield { group, name, missing: { name, command } }
    else if (isLate() && name !== HEADLINE) yield { group, name, leftOut: NO_TIME }
    else yield* await measured(program, name, versions)
  }
}

/** The crates that the program was built with. @param {string} lockFile @returns {Record<string, string>} */
function versionsIn(lockFile) {
  const packages = lockFile.matchAll(/^name = "(.+)"\nversion = "(.+)"$/gm)
  return Object.fromEntries([...packages].map(([, name, version]) => [name, version]))
}

async function measured(program, name, versions) {
  try {
    const { stdout } = await promisify(execFile)(program, ['--json', name])
    return [...rows(JSON.parse(stdout), versions)]
  } catch (error) {
    // The other texts can still be compared.
    return [{ group: GROUPS.imara, name, failed: error.stderr || error.message }]
  }
}

/** Beside each crate, held to the floor of the one that the text is compared with. */
function* rows({ name, ours, floor, changes, least, ...theirs }, versions) {
  for (const [peer, ms] of Object.entries(theirs)) {
    const isHeld = floor.of === peer && (peer !== 'similar' || ms === null || ms >= SLOW_MS)
    yield {
      group: GROUPS[peer],
      name,
      unit: 'ms',
      value: ours,
      beside: {
        name: PEERS[peer],
        version: versions[PEERS[peer]],
        value: ms ?? PATIENCE_MS,
        atLeast: ms === null ? true : undefined,
      },
      limit: isHeld ? floor.most : undefined,
      runs: ROUNDS,
      headline: peer === 'imara' && name === HEADLINE,
    }
  }
  if (least !== null) yield lengthRow(name, changes, least)
  if (floor.of === 'similar') yield boundRow(name, ours)
}

function lengthRow(name, changes, least) {
  return {
    group: 'Lines with + or -, beside a shortest patch',
    name,
    unit: 'lines',
    value: changes,
    beside: { name: "algorithm: 'minimal'", own: true, value: least },
    limit: MOST_EXCESS,
  }
}

function boundRow(name, ours) {
  const group = `Hard texts of 200 000 lines, at most ${MOST_MS} ms`
  return { group, name, unit: 'ms', value: ours, limit: MOST_MS, runs: ROUNDS }
}
