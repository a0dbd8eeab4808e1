// Texts on which diff libraries take seconds or minutes.
import { textContender, unifiedBeside } from '../contenders/text.mjs'
import { NAMES, pathologicalPair } from '../documents/pathological.mjs'
import { NO_TIME } from '../part.mjs'
import { versus } from '../versus.mjs'

export const suite = 'diff'
export const title = 'Hard texts'
export const about =
  'Unified diffs of texts of 200 000 lines (20 000 under --quick) that are hard to compare, such as a sorted list that was reversed, beside npm packages; a peer that takes over ten seconds is ended.'

const [LINES, QUICK_LINES] = [200_000, 20_000]
const PEERS = ['jsdiff', 'diff-match-patch, lines']
const HEADLINE = 'reversed'
/** Of the first peer only, and of one text: each that is ended takes the whole time that it may. */
const QUICK_NAMES = [HEADLINE]

export async function* cases({ quick, isLate }) {
  const peers = await Promise.all(PEERS.slice(0, quick ? 1 : undefined).map(textContender))
  const size = quick ? QUICK_LINES : LINES
  for (const name of quick ? QUICK_NAMES : NAMES) {
    for (const peer of peers) yield await row({ name, size, peer, quick, isLate })
  }
}

async function row({ name, size, peer, quick, isLate }) {
  const headline = name === HEADLINE && peer.name === PEERS[0]
  const subject = {
    group: `${size / 1000} 000 lines, beside ${peer.label}`,
    name,
    headline,
  }
  if (peer.missing) return { ...subject, missing: peer.missing }
  if (isLate() && !headline) return { ...subject, leftOut: NO_TIME }
  const pair = { from: 'pathological', name, size }
  const timed = () => unifiedBeside(peer, pathologicalPair(name, size))
  return versus({ ...subject, ours: 'sealdiff', pair, kind: 'text', peer, timed, quick })
}
