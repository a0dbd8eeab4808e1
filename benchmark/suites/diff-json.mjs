// What changed between two JSON documents beside the npm packages that say so.
import { applyJsonPatch, Differ } from 'sealdiff'
import { checkJson, jsonContender, PEERS } from '../contenders/json.mjs'
import { NAMES, objectPair } from '../documents/objects.mjs'
import { versus } from '../versus.mjs'

export const suite = 'diff'
export const title = 'JSON documents'
export const about =
  'The changes between two JSON documents as a patch, beside the npm packages that say what changed; the new document is made of each answer first. JavaScript values cross into Rust as JSON text, which costs more than a walk over them: packages in plain JS read them where they are.'

const QUICK_PART = 0.1
const QUICK_NAMES = ['Deployment', 'inventory, small edits']
/** Of which the values are compared, too. */
const QUICK_VALUES = 1

export async function* cases({ quick }) {
  const peers = await Promise.all(PEERS.map(jsonContender))
  const ours = await jsonContender('sealdiff')
  const names = quick ? QUICK_NAMES : NAMES
  for (const document of names.slice(0, quick ? QUICK_VALUES : undefined)) {
    for (const peer of peers) yield await fromValues({ document, ours, peer, quick })
  }
  const [peer] = peers
  for (const document of names) yield await fromText(document, peer, quick)
}

async function fromValues({ document, ours, peer, quick }) {
  const subject = { group: `Values: ${document}`, name: `beside ${peer.label}` }
  if (peer.missing) return { ...subject, missing: peer.missing }
  const pair = { name: document, size: quick ? QUICK_PART : 1 }
  const timed = () => inTurn(ours, peer, objectPair(document, pair.size))
  if (quick) return { ...subject, ...timed() }
  return versus({ ...subject, ours: ours.name, pair, kind: 'json', peer, timed, quick })
}

function inTurn(ours, peer, [old, new_]) {
  const changes = [ours, peer].map(({ count, diff }) => count(diff(old, new_)))
  return {
    peer: { name: peer.label, version: peer.version },
    ours: () => ours.diff(old, new_),
    theirs: () => peer.diff(old, new_),
    check: () => [ours, peer].map((contender) => checkJson(contender, old, new_)),
    note: `Changes found: ours ${changes[0]}, ${peer.name} ${changes[1]}.`,
  }
}

/** As documents come from files and networks: the peer has to parse them. */
async function fromText(document, peer, quick) {
  const headline = document === 'inventory, small edits'
  const subject = { group: 'Text to a patch as text', name: document, headline }
  if (peer.missing) return { ...subject, missing: peer.missing }
  const texts = objectPair(document, quick ? QUICK_PART : 1).map((value) => JSON.stringify(value))
  const differ = new Differ()
  const ours = (old, new_) => differ.jsonSync(old, new_).patchText
  const theirs = (old, new_) => JSON.stringify(peer.diff(JSON.parse(old), JSON.parse(new_)))
  const answers = {
    diff: (...values) => JSON.parse(ours(...values.map((value) => JSON.stringify(value)))),
    apply: applyJsonPatch,
  }
  const theirAnswers = {
    diff: (...values) => JSON.parse(theirs(...values.map((value) => JSON.stringify(value)))),
    apply: peer.apply,
  }
  return {
    ...subject,
    peer: { name: `JSON.parse and ${peer.name}`, version: peer.version },
    ours: () => ours(...texts),
    theirs: () => theirs(...texts),
    check: () => {
      const values = texts.map((text) => JSON.parse(text))
      for (const side of [answers, theirAnswers]) checkJson(side, ...values)
    },
  }
}
