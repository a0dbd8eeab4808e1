// Line diffs of texts, small and large, one and in bulk, beside the npm packages that do the same.
import assert from 'node:assert/strict'
import { applyPatch, Differ } from 'sealdiff'
import { checkText, textContender, unifiedBeside } from '../contenders/text.mjs'
import { loadPair } from '../documents/pairs.mjs'
import { versus } from '../versus.mjs'

export const title = 'Line diffs'
export const about =
  'Unified diffs of a Kubernetes Deployment of 3.4 KB and of definitions of over a megabyte, one and 200 at a time, beside the npm packages that compare texts; every answer is applied first.'

const BATCH = 200
/** Properties of a definition: 1.3 MB, and a quarter of it. */
const [FULL, QUICK] = [6000, 1500]
const NOTES = {
  'diff-match-patch, lines':
    'It answers with a list of texts, not with a patch; without its time-out of a second, which coarsens.',
  'fast-diff': 'It compares characters, not lines, and answers with a list of texts.',
}

export async function* cases({ quick, documents }) {
  const [size, megabytes] = quick ? [QUICK, '0.3 MB'] : [FULL, '1.3 MB']
  const pairs = [
    { name: 'a Deployment of 3.4 KB', spec: { from: 'deployment' }, isSmall: true },
    {
      name: `a definition of ${megabytes}, 1 line in 180`,
      spec: { from: 'retouched', size },
      isSmall: quick,
    },
  ]
  // The first of these is the text of the part about one large document too.
  if (!quick)
    pairs.push(
      {
        name: `a definition of ${megabytes}, 1 property in 40`,
        spec: { from: 'definition', size },
      },
      { name: `a definition of ${megabytes}, every 7th line`, spec: { from: 'rewritten', size } },
    )
  if (documents) pairs.push({ name: 'your documents', spec: { from: 'files', files: documents } })
  const peers = await Promise.all(['jsdiff', ...Object.keys(NOTES)].map(textContender))
  for (const pair of pairs) {
    for (const peer of quick ? peers.slice(0, 2) : peers) yield await row(pair, peer, quick)
  }
  yield* bulk(peers[0], size, quick)
}

async function row({ name, spec, isSmall }, peer, quick) {
  const group = `A unified diff of ${name}`
  if (peer.missing) return { group, name: `beside ${peer.label}`, missing: peer.missing }
  const subject = {
    group,
    name: `beside ${peer.label}`,
    headline: spec.from === 'deployment' && peer.name === 'jsdiff',
  }
  const timed = () => ({ ...unifiedBeside(peer, loadPair(spec)), note: NOTES[peer.name] })
  if (isSmall) return { ...subject, ...(await timed()) }
  return versus({ ...subject, ours: 'sealdiff', pair: spec, kind: 'text', peer, timed, quick })
}

/** Buffers, as they come from files: jsdiff needs strings, and makes them once for all. */
async function* bulk(peer, size, quick) {
  const specs = { 'a Deployment of 3.4 KB': { from: 'deployment' } }
  if (!quick) specs['a definition, 1 property in 40'] = { from: 'definition', size }
  for (const [name, spec] of Object.entries(specs)) {
    const group = `${BATCH} pairs by Differ.batch, beside jsdiff one by one`
    if (peer.missing) yield { group, name, missing: peer.missing }
    else yield { group, name, per: BATCH, ...batch(peer, loadPair(spec)) }
  }
}

function batch(peer, [old, new_]) {
  const differ = new Differ()
  const pairs = Array.from({ length: BATCH }, () => [Buffer.from(old), Buffer.from(new_)])
  const ours = async () => {
    const patches = []
    for await (const { value, reason } of differ.batch(pairs, 'unified')) {
      if (reason) throw reason
      patches.push(value)
    }
    return patches
  }
  return {
    peer: { name: peer.label, version: peer.version },
    ours,
    theirs: () => pairs.map(() => peer.diff(old, new_)),
    check: async () => {
      const patches = await ours()
      assert.equal(patches.length, BATCH)
      for (const patch of patches) assert.equal(applyPatch(old, String(patch)), new_)
      checkText(peer, old, new_)
    },
    note: 'Ours leaves this thread free, and uses every processor but one.',
  }
}
