// Records of Asherah's format beside other implementations of Asherah, which Python calls.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { MASTER_KEY, openFactory } from '../factory.mjs'
import { EFFORTS, median, quartilesOf } from '../measure.mjs'
import { IMPLEMENTATIONS, openAsherah } from '../peers/asherah.mjs'

export const suite = 'envelope'
export const title = 'Beside other implementations of Asherah'
export const about =
  "Records of Asherah's format by encryptSync and decryptSync, beside the implementations of Asherah in Go and in Rust, each called from Python in a process of its own: CPU time of all threads, keys in memory on both sides, with what the way from Python costs."

const SIZES = { '64 B': 64, '1 KiB': 1024, '64 KiB': 65_536, '1 MiB': 1 << 20 }
const QUICK_SIZES = 2

export async function* cases({ quick }) {
  const effort = quick ? EFFORTS.quick : EFFORTS.full
  const sizes = Object.entries(SIZES).slice(0, quick ? QUICK_SIZES : undefined)
  const { factory } = await openFactory()
  const session = factory.session('partition')
  await session.warm()
  for (const language of Object.keys(IMPLEMENTATIONS)) {
    const peer = openAsherah(language, MASTER_KEY)
    const group = `One record, beside ${peer.name}`
    if (peer.missing) yield { group, name: 'all sizes', missing: peer.missing }
    else for (const [size, length] of sizes) yield* rows(session, peer, group, size, length, effort)
    peer.close?.()
  }
  await factory.close()
}

async function* rows(session, peer, group, size, length, effort) {
  const data = randomBytes(length)
  const record = session.encryptSync(data)
  assert.deepEqual(session.decryptSync(record), data)
  const calls = {
    encrypt: () => session.encryptSync(data),
    decrypt: () => session.decryptSync(record),
  }
  for (const [call, ours] of Object.entries(calls)) {
    const figures = await inTurn(
      async (count) => timed(ours, count),
      (count) => peer.timed(call, length, count),
      effort,
    )
    const { theirs, ...mine } = figures
    const beside = { name: peer.name, version: peer.version, ...theirs }
    yield { group, name: `${call} ${size}`, unit: 'µs', ...mine, beside }
  }
}

/** Rounds of both in turn; each says what one of so many calls takes, in µs. */
async function inTurn(ours, theirs, { rounds, roundMs }) {
  const sides = [ours, theirs]
  const counts = []
  for (const side of sides) counts.push(await enough(side, roundMs))
  const times = []
  for (let round = 0; round < rounds; round++) {
    times.push([await ours(counts[0]), await theirs(counts[1])])
  }
  const [mine, other] = [0, 1].map((side) => times.map((round) => round[side]))
  const ratios = times.map(([own, their]) => own / their)
  return {
    value: median(mine),
    spread: quartilesOf(mine),
    ratio: median(ratios),
    quartiles: quartilesOf(ratios),
    runs: rounds,
    theirs: { value: median(other), spread: quartilesOf(other) },
  }
}

/** Calls that fill a round; those made to find out are the warm-up. */
async function enough(side, roundMs) {
  let count = 1
  for (;;) {
    const total = ((await side(count)) * count) / 1000
    if (total >= roundMs / 2) return Math.max(1, Math.round((count * roundMs) / total))
    count *= 4
  }
}

function timed(call, count) {
  const start = process.cpuUsage()
  for (let i = 0; i < count; i++) call()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / count
}
