// Ten thousand warm partitions in turn beside a single one: what the caches of sessions and keys cost.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { SessionFactory } from 'sealdiff'

const COUNT = 10_000
/** The caches are sharded and hold a little less than they may before they give something up. */
const CACHE = { sessions: 2 * COUNT, intermediateKeys: 2 * COUNT }
const SIZES = { '64 B': 64, '1 KiB': 1024 }
const LIMITS = { 'sealSync 64 B': 1.5, 'sealSync 1 KiB': 1.2 }
LIMITS['unsealSync 64 B'] = LIMITS['sealSync 64 B']
LIMITS['unsealSync 1 KiB'] = LIMITS['sealSync 1 KiB']

export const formula = `partitions = ${COUNT} sessions called one after the other, beside one that is called as often`

/** @returns {AsyncGenerator<import('./measure.mjs').Case>} */
export async function* cases() {
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
  for (const [size, length] of Object.entries(SIZES)) {
    const data = randomBytes(length)
    const records = sessions.map((session) => session.sealSync(data))
    const read = (session, i) => session.unsealSync(records[i])
    const check = () => {
      for (const [i, session] of sessions.entries()) assert.deepEqual(read(session, i), data)
      const after = factory.stats()
      assert.equal(after.keyEvictions, 0)
      assert.deepEqual([after.keyMisses, after.sessionMisses], [keyMisses, sessionMisses])
    }
    yield beside(`sealSync ${size}`, sessions, (session) => session.sealSync(data), check)
    yield beside(`unsealSync ${size}`, sessions, read, check)
  }
  await factory.close()
}

function beside(name, sessions, call, check) {
  let next = 0
  const inTurn = () => {
    next = (next + 1) % COUNT
    return call(sessions[next], next)
  }
  return {
    name: `${name}, ${COUNT} partitions`,
    limit: LIMITS[name],
    ours: { name, run: inTurn },
    yardstick: { name: `${name}, one partition`, run: () => call(sessions[0], 0) },
    check,
  }
}
