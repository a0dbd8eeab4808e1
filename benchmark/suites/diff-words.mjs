// Diffs by words and by characters beside the npm packages that do the same.
import { checkText, textContender } from '../contenders/text.mjs'
import { loadPair } from '../documents/pairs.mjs'
import { versus } from '../versus.mjs'

export const suite = 'diff'
export const title = 'Words and characters'
export const about =
  'What changed between two texts of English-like prose by words and by characters, as a list of stretches, beside the npm packages that do the same; both texts are made again of each answer first.'

/** Words of the texts: about 6 KB and 200 KB. */
const SIZES = { '6 KB': 1200, '200 KB': 40_000 }
const PEERS = {
  'sealdiff, words': ['jsdiff, words'],
  'sealdiff, characters': ['jsdiff, characters', 'diff-match-patch', 'fast-diff'],
}
const GROUPS = { 'sealdiff, words': 'By words', 'sealdiff, characters': 'By characters' }

export async function* cases({ quick }) {
  for (const [ours, peers] of Object.entries(PEERS)) {
    const group = GROUPS[ours]
    const mine = await textContender(ours)
    for (const [size, words] of Object.entries(SIZES).slice(0, quick ? 1 : undefined)) {
      for (const peer of await Promise.all(peers.map(textContender))) {
        const name = `${size}, beside ${peer.label}`
        if (peer.missing) yield { group, name, missing: peer.missing }
        else
          yield await row({ group, name, mine, peer, spec: { from: 'prose', size: words }, quick })
      }
    }
  }
}

async function row({ group, name, mine, peer, spec, quick }) {
  const [old, new_] = loadPair(spec)
  const timed = () => ({
    peer: { name: peer.label, version: peer.version },
    ours: () => mine.diff(old, new_),
    theirs: () => peer.diff(old, new_),
    check: () => [mine, peer].map((contender) => checkText(contender, old, new_)),
  })
  if (quick) return { group, name, ...timed() }
  return versus({ group, name, ours: mine.name, pair: spec, kind: 'text', peer, timed, quick })
}
