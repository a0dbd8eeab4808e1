// Unified diffs beside the programs git and diff.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { applyPatch, Differ } from 'sealdiff'
import { cpuOfCommand, outputOf } from '../commands.mjs'
import { loadPair } from '../documents/pairs.mjs'
import { NAMES } from '../documents/pathological.mjs'
import { findProgram } from '../find-peer.mjs'
import { cpuOf, inTurn } from '../in-turn.mjs'
import { NO_TIME } from '../part.mjs'

export const suite = 'diff'
export const title = 'Line diffs beside git and diff'
export const about =
  'Unified diffs in this process beside the commands git diff --no-index and diff -u, which a program can start instead: CPU time of the command, its start included, which is most of it for a small file. The programs read files; ours has Buffers.'

const PROGRAMS = {
  'git diff --no-index': {
    program: 'git',
    install: 'apt-get install git',
    command: ['git', '--no-pager', 'diff', '--no-index', '--no-color', '--no-ext-diff'],
  },
  'diff -u': { program: 'diff', install: 'apt-get install diffutils', command: ['diff', '-u'] },
}
const EFFORTS = {
  full: { rounds: 7, roundMs: 200, warmMs: 300 },
  quick: { rounds: 3, roundMs: 20, warmMs: 150 },
}
const [LINES, PROPERTIES] = [200_000, 6000]

export async function* cases({ quick, isLate, documents }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-bench-'))
  try {
    for (const [title, definition] of Object.entries(PROGRAMS)) {
      const found = findProgram(definition.program, definition)
      const group = `CPU time, beside ${title}`
      if (found.missing) yield { group, name: 'all texts', missing: found.missing }
      else {
        for (const [name, spec] of pairs(quick, documents)) {
          const figures = isLate()
            ? { leftOut: NO_TIME }
            : await row({ title, found, definition, spec, folder, quick })
          yield { group, name, ...figures }
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function pairs(quick, documents) {
  const own = documents ? [['your documents', { from: 'files', files: documents }]] : []
  const small = ['a Deployment of 3.4 KB', { from: 'deployment' }]
  if (quick) return [small, ...own]
  return [
    small,
    ['a definition of 1.3 MB, 1 line in 180', { from: 'retouched', size: PROPERTIES }],
    ['a definition of 1.3 MB, 1 property in 40', { from: 'definition', size: PROPERTIES }],
    ['a definition of 1.3 MB, every 7th line', { from: 'rewritten', size: PROPERTIES }],
    ...own,
    ...NAMES.map((name) => [`200 000 lines: ${name}`, { from: 'pathological', name, size: LINES }]),
  ]
}

async function row({ title, found, definition, spec, folder, quick }) {
  const texts = loadPair(spec).map((text) => Buffer.from(text))
  const files = ['old', 'new'].map((name) => path.join(folder, name))
  for (const [at, file] of files.entries()) writeFileSync(file, texts[at])
  const differ = new Differ()
  const command = [...definition.command, ...files]
  const ours = () => differ.unifiedSync(...texts)
  for (const patch of [ours(), outputOf(command)]) {
    assert.equal(applyPatch(String(texts[0]), String(patch)), String(texts[1]))
  }
  const effort = EFFORTS[quick ? 'quick' : 'full']
  const { theirs, ...figures } = await inTurn(cpuOf(ours), cpuOfCommand(command), effort)
  return { unit: 'µs', ...figures, beside: { name: title, version: found.version, ...theirs } }
}
