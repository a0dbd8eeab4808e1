// Records of Asherah's format beside other implementations of Asherah, which Python calls.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { MASTER_KEY, openFactory } from '../factory.mjs'
import { cpuOf, inTurn } from '../in-turn.mjs'
import { EFFORTS } from '../measure.mjs'
import { NO_TIME } from '../part.mjs'
import { IMPLEMENTATIONS, openAsherah } from '../peers/asherah.mjs'

export const suite = 'envelope'
export const title = 'Beside other implementations of Asherah'
export const about =
  "Records of Asherah's format by encryptSync and decryptSync, beside the implementations of Asherah in Go and in Rust, each called from Python in a process of its own: CPU time of all threads, keys in memory on both sides, with what the way from Python costs."

const SIZES = { '64 B': 64, '1 KiB': 1024, '64 KiB': 65_536, '1 MiB': 1 << 20 }
const QUICK_SIZES = 1

export async function* cases({ quick, isLate }) {
  const sizes = Object.entries(SIZES).slice(0, quick ? QUICK_SIZES : undefined)
  const { factory } = await openFactory()
  const session = factory.session('partition')
  await session.warm()
  const limits = { effort: quick ? EFFORTS.quick : EFFORTS.full, isLate }
  for (const language of Object.keys(IMPLEMENTATIONS)) {
    const peer = openAsherah(language, MASTER_KEY)
    const group = `One record, beside ${peer.name}`
    if (peer.missing) {
      yield { group, name: 'all sizes', missing: peer.missing }
      continue
    }
    try {
      for (const [size, length] of sizes)
        yield* rows({ session, peer, group }, size, length, limits)
    } finally {
      peer.close()
    }
  }
  await factory.close()
}

async function* rows({ session, peer, group }, size, length, { effort, isLate }) {
  const data = randomBytes(length)
  const record = session.encryptSync(data)
  assert.deepEqual(session.decryptSync(record), data)
  const calls = {
    encrypt: () => session.encryptSync(data),
    decrypt: () => session.decryptSync(record),
  }
  for (const [call, ours] of Object.entries(calls)) {
    const headline = call === 'encrypt' && size === '64 B' && peer.language === 'Rust'
    if (isLate() && !headline) {
      yield { group, name: `${call} ${size}`, leftOut: NO_TIME }
      continue
    }
    const peerCall = (count) => peer.timed(call, length, count)
    const figures = await inTurn(cpuOf(ours), peerCall, effort)
    const { theirs, ...mine } = figures
    const beside = { name: peer.name, version: peer.version, ...theirs }
    yield { group, name: `${call} ${size}`, unit: 'µs', ...mine, beside, headline }
  }
}
