// Who compares texts: what each makes of two texts, and what it says the two were. Ours answers with the patch.
import assert from 'node:assert/strict'
import { applyPatch, Differ, formatPatch, parsePatch, reversePatch } from 'sealdiff'
import { findPeer } from '../find-peer.mjs'

/**
 * @typedef {{ name: string, label: string, version?: string, diff: (old: any, new_: any) => any,
 *   sides: (answer: any, old: any, new_: any) => [string, string] }} Contender `sides` makes the old and the new
 *   text of an answer, each of the other or of nothing
 * @typedef {{ package?: string, open: (module: any) => Omit<Contender, 'name' | 'label' | 'version'> }} Definition
 */

const differ = new Differ()
const header = { header: { oldName: 'old', newName: 'new' } }

/** @type {Record<string, Definition>} */
const DEFINITIONS = {
  sealdiff: {
    open: () => ({ diff: (old, new_) => differ.unifiedSync(old, new_, header), sides: applied }),
  },
  jsdiff: {
    package: 'diff',
    open: ({ createTwoFilesPatch }) => ({
      diff: (old, new_) => createTwoFilesPatch('old', 'new', old, new_),
      sides: applied,
    }),
  },
  'diff-match-patch, lines': {
    package: 'diff-match-patch',
    open: ({ default: DiffMatchPatch }) => {
      const dmp = withoutTimeout(new DiffMatchPatch())
      return { diff: (old, new_) => byLines(dmp, old, new_), sides: joined }
    },
  },
  'diff-match-patch': {
    package: 'diff-match-patch',
    open: ({ default: DiffMatchPatch }) => {
      const dmp = withoutTimeout(new DiffMatchPatch())
      return { diff: (old, new_) => dmp.diff_main(old, new_, false), sides: joined }
    },
  },
  'fast-diff': {
    package: 'fast-diff',
    open: ({ default: fastDiff }) => ({ diff: (old, new_) => fastDiff(old, new_), sides: joined }),
  },
  'sealdiff, words': {
    open: () => ({ diff: (old, new_) => differ.wordsSync(old, new_).changes(), sides: ofChanges }),
  },
  'jsdiff, words': {
    package: 'diff',
    open: ({ diffWordsWithSpace }) => ({
      diff: (old, new_) => diffWordsWithSpace(old, new_),
      sides: ofChanges,
    }),
  },
  'sealdiff, characters': {
    open: () => ({ diff: (old, new_) => differ.charsSync(old, new_).changes(), sides: ofChanges }),
  },
  'jsdiff, characters': {
    package: 'diff',
    open: ({ diffChars }) => ({ diff: (old, new_) => diffChars(old, new_), sides: ofChanges }),
  },
}

/** @param {string} name @returns {Promise<Contender | { name: string, label: string, missing: object }>} */
export async function textContender(name) {
  const { package: packageName, open } = DEFINITIONS[name]
  const peer = packageName ? await findPeer(packageName) : {}
  const label = name.replace(/,.*/, '')
  if (peer.missing) return { name, label, missing: peer.missing }
  return { name, label, version: peer.version, ...open(peer.module) }
}

/** Throws unless the answer is that of these texts. @param {Contender} contender */
export function checkText({ name, diff, sides }, old, new_) {
  const [first, second] = sides(diff(old, new_), old, new_)
  if (first !== String(old) || second !== String(new_)) throw new Error(`${name}: a wrong diff`)
}

/** What it silently does after a second is a coarser diff: here it has the time that it needs. */
function withoutTimeout(dmp) {
  dmp.Diff_Timeout = 0
  return dmp
}

/** As its wiki has it: a character for each line. */
function byLines(dmp, old, new_) {
  const { chars1, chars2, lineArray } = dmp.diff_linesToChars_(old, new_)
  const diffs = dmp.diff_main(chars1, chars2, false)
  dmp.diff_charsToLines_(diffs, lineArray)
  return diffs
}

/** By our own reader, which tests hold against `patch` and `git apply`. */
function applied(patch, old, new_) {
  const text = String(patch)
  if (text === '') return [String(new_), String(old)]
  const back = formatPatch(reversePatch(parsePatch(text)))
  return [applyPatch(String(new_), back), applyPatch(String(old), text)]
}

/** Of pairs of -1, 0 or 1 and a text. */
function joined(diffs) {
  const side = (other) => diffs.filter(([kind]) => kind !== other).map(([, text]) => text)
  return [side(1).join(''), side(-1).join('')]
}

function ofChanges(changes) {
  const side = (other) => changes.filter((change) => !change[other]).map(({ value }) => value)
  return [side('added').join(''), side('removed').join('')]
}

/** A case: the unified diff of two texts, ours beside the peer's. */
export function unifiedBeside(peer, [old, new_]) {
  const ours = () => differ.unifiedSync(old, new_)
  return {
    peer: { name: peer.label, version: peer.version },
    ours,
    theirs: () => peer.diff(old, new_),
    check: () => {
      checkText(peer, old, new_)
      assert.equal(applyPatch(old, ours()), new_)
    },
  }
}
