// Ten thousand warm partitions in turn beside a single one: what the caches of sessions and keys cost.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { SessionFactory } from 'sealdiff'

export const suite = 'envelope'
export const title = 'Many partitions'
export const about =
  'Ten thousand warm partitions called one after the other, beside a single one that reads as many different records: what the caches of sessions and keys cost.'

const COUNT = 10_000
/** The caches are sharded and hold a little less than they may before they give something up. */
const CACHE = { sessions: 2 * COUNT, intermediateKeys: 2 * COUNT }
const SIZES = { '64 B': 64, '1 KiB': 1024 }
const QUICK_SIZES = 1
const LIMITS = { 'sealSync 64 B': 1.5, 'sealSync 1 KiB': 1.2 }
LIMITS['unsealSync 64 B'] = LIMITS['sealSync 64 B']
LIMITS['unsealSync 1 KiB'] = LIMITS['sealSync 1 KiB']

/** @param {{ quick: boolean }} context */
export async function* cases({ quick }) {
  const factory = await SessionFactory.open({
    serviceId: 'benchmark',
    productId: 'sealdiff',
    metastore: 'memory:',
    kms: { type: 'static', key: randomBytes(32) },
    cache: CACHE,
  })
  const sessions = Array.from({ length: COUNT }, (_, i) => factory.session(`partition ${i}`))
  for (const session of sessions) await session.warm()
  const { keyMisses, sessionMisses } = factory.stats()
  for (const [size, length] of Object.entries(SIZES).slice(0, quick ? QUICK_SIZES : undefined)) {
    const data = randomBytes(length)
    const records = sessions.map((session) => session.sealSync(data))
    const [one] = sessions
    const recordsOfOne = sessions.map(() => one.sealSync(data))
    const check = () => {
      for (const [i, session] of sessions.entries()) {
        assert.deepEqual(session.unsealSync(records[i]), data)
        assert.deepEqual(one.unsealSync(recordsOfOne[i]), data)
      }
      const after = factory.stats()
      assert.equal(after.keyEvictions, 0)
      assert.deepEqual([after.keyMisses, after.sessionMisses], [keyMisses, sessionMisses])
    }
    yield beside(`sealSync ${size}`, check, {
      inTurn: (i) => sessions[i].sealSync(data),
      one: () => one.sealSync(data),
    })
    yield beside(`unsealSync ${size}`, check, {
      inTurn: (i) => sessions[i].unsealSync(records[i]),
      one: (i) => one.unsealSync(recordsOfOne[i]),
    })
  }
  await factory.close()
}

function beside(name, check, { inTurn, one }) {
  return {
    group: '10 000 partitions in turn, beside one partition',
    name,
    peer: { name: 'one partition', own: true },
    limit: LIMITS[name],
    ours: counting(inTurn),
    theirs: counting(one),
    check,
  }
}

/** Calls with 0, 1, … in turn. */
function counting(call) {
  let next = 0
  return () => {
    next = (next + 1) % COUNT
    return call(next)
  }
}
