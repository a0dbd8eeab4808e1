// Who compares documents: what each makes of two values, and the new one made of it and the old one.
import assert from 'node:assert/strict'
import { applyJsonPatch, Differ } from 'sealdiff'
import { findPeer } from '../find-peer.mjs'

/**
 * @typedef {{ name: string, label: string, version?: string, diff: (old: any, new_: any) => any, count: (answer: any) => number,
 *   apply: (old: any, answer: any) => any }} Contender `apply` may change `old`
 */

const differ = new Differ()

const DEFINITIONS = {
  sealdiff: {
    open: () => ({
      diff: (old, new_) => differ.jsonSync(old, new_).patch,
      apply: applyJsonPatch,
      count: ({ length }) => length,
    }),
  },
  'fast-json-patch': {
    package: 'fast-json-patch',
    open: ({ default: library }) => ({
      diff: (old, new_) => library.compare(old, new_),
      apply: (old, patch) => library.applyPatch(old, patch).newDocument,
      count: ({ length }) => length,
    }),
  },
  jsondiffpatch: {
    package: 'jsondiffpatch',
    open: ({ create }) => {
      // By default it compares objects of arrays by identity, which says that all of them changed.
      const library = create({ objectHash: (item, index) => item.id ?? item.name ?? `at ${index}` })
      return {
        diff: (old, new_) => library.diff(old, new_),
        apply: (old, delta) => library.patch(old, delta),
        count: countDeltas,
      }
    },
  },
  microdiff: {
    package: 'microdiff',
    open: ({ default: microdiff }) => ({
      diff: (old, new_) => microdiff(old, new_, { cyclesFix: false }),
      apply: applyMicrodiff,
      count: ({ length }) => length,
    }),
  },
}

export const PEERS = ['fast-json-patch', 'jsondiffpatch', 'microdiff']

/** @param {string} name @returns {Promise<Contender | { name: string, missing: object }>} */
export async function jsonContender(name) {
  const { package: packageName, open } = DEFINITIONS[name]
  const peer = packageName ? await findPeer(packageName) : {}
  if (peer.missing) return { name, label: name, missing: peer.missing }
  return { name, label: name, version: peer.version, ...open(peer.module) }
}

/** Throws unless the answer makes the new document of the old one. @param {Contender} contender */
export function checkJson({ diff, apply }, old, new_) {
  const answer = diff(old, new_)
  // As text, since an assertion on deep values would recurse.
  assert.equal(canonical(apply(JSON.parse(JSON.stringify(old)), answer)), canonical(new_))
}

/** The order of keys doesn't count. */
function canonical(value) {
  return JSON.stringify(value, (_, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

/** Changes of values and moves of items; what lies around them is structure. */
function countDeltas(delta) {
  if (Array.isArray(delta)) return 1
  return Object.entries(delta ?? {}).reduce(
    (sum, [key, member]) => (key === '_t' ? sum : sum + countDeltas(member)),
    0,
  )
}

/** It has no function for it: indexes are those of the old array, and items are removed from its end. */
function applyMicrodiff(old, changes) {
  const removals = changes.filter(({ type }) => type === 'REMOVE').reverse()
  for (const { path, value } of changes.filter(({ type }) => type !== 'REMOVE')) {
    parentOf(old, path)[path.at(-1)] = value
  }
  for (const { path } of removals) {
    const parent = parentOf(old, path)
    if (Array.isArray(parent)) parent.splice(path.at(-1), 1)
    else delete parent[path.at(-1)]
  }
  return old
}

function parentOf(root, path) {
  return path.slice(0, -1).reduce((value, key) => value[key], root)
}
