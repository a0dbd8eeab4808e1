// What calls leave behind: nothing in the process, and no more in the caches than these may hold.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import v8 from 'node:v8'
import vm from 'node:vm'
import { coded, openFactory } from './support/factory.mjs'

const MIB = 1 << 20

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc')

/** Memory use once everything unreachable is gone; finalizers run between turns of the event loop. */
async function settledMemory() {
  for (let i = 0; i < 3; i++) {
    collect()
    await setImmediate()
  }
  return process.memoryUsage()
}

async function residentMiB() {
  return (await settledMemory()).rss / MIB
}

async function warmSession(t) {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  await session.warm()
  return session
}

const ROUNDS = 5

/**
 * Runs `call` `count` times, in equal rounds. After a tenth of them code is compiled and pools are filled; the rest
 * may leave no more than `maxMiB` behind. V8 enlarges its own heap in few large steps, a leak shows in every round:
 * so the median round counts, for all.
 */
async function leavesAtMost(maxMiB, count, call) {
  for (let i = 0; i < count / 10; i++) await call(i)
  const steps = []
  for (let round = 0, before = await residentMiB(); round < ROUNDS; round++) {
    for (let i = 0; i < count / ROUNDS; i++) await call(i)
    const after = await residentMiB()
    steps.push(after - before)
    before = after
  }
  const growth = steps.sort((one, other) => one - other)[(ROUNDS - 1) / 2] * ROUNDS
  assert.ok(growth <= maxMiB, `${growth.toFixed(1)} MiB after ${count} calls`)
}

test('records sealed and unsealed leave nothing behind', async (t) => {
  const session = await warmSession(t)
  const data = [Buffer.alloc(64, 1), Buffer.alloc(1024, 2)]
  await leavesAtMost(10, 100_000, (i) => {
    const unsealed = session.unsealSync(session.sealSync(data[i % 2]))
    if (!unsealed.equals(data[i % 2])) throw new Error('another record came back')
  })
})

test('data row records written and read leave nothing behind', async (t) => {
  const session = await warmSession(t)
  await leavesAtMost(10, 50_000, async (i) => {
    const record =
      i % 2 === 0 ? session.encryptSync('some data') : await session.encrypt('some data')
    if ((await session.decryptString(record)) !== 'some data') throw new Error('another came back')
  })
})

test('records refused leave nothing behind', async (t) => {
  const session = await warmSession(t)
  const record = session.sealSync('some data', { additionalData: 'here' })
  await leavesAtMost(10, 30_000, async (i) => {
    const refusal = coded('ERR_DECRYPT_FAILED')
    if (i % 2 === 0) assert.throws(() => session.unsealSync(record), refusal)
    else await assert.rejects(session.unseal(record), refusal)
  })
})

test('sessions opened and forgotten leave nothing behind', async (t) => {
  const factory = await openFactory(t, { cache: { sessions: 100 } })
  await leavesAtMost(20, 100_000, (i) => {
    factory.session(`a partition ${i}`)
    if (i % 1000 === 0) assert.ok(factory.stats().sessions <= 100)
  })
})

test('partitions without end stay within the caches', async (t) => {
  const cache = { sessions: 100, intermediateKeys: 1000 }
  const factory = await openFactory(t, { cache })
  const [rounds, atOnce] = [200, 100]
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      Array.from({ length: atOnce }, (_, i) => factory.session(`p${round}.${i}`).seal('x')),
    )
    const { sessions, intermediateKeys } = factory.stats()
    assert.ok(sessions <= cache.sessions, `${sessions} sessions after round ${round}`)
    // A session keeps its newest key also when the cache has given it up.
    const limit = cache.sessions + cache.intermediateKeys
    assert.ok(intermediateKeys <= limit, `${intermediateKeys} keys after round ${round}`)
  }
  const count = rounds * atOnce
  const { sessions, sessionMisses, metastoreStores } = factory.stats()
  assert.deepEqual([sessions, sessionMisses], [cache.sessions, count])
  assert.equal(metastoreStores, count + 1, 'a key for each partition, and the system key')
})

/** Up to 16 MiB a Buffer's memory is V8's own, above it, and from other threads, it is ours. */
for (const length of [1024, MIB, 20 * MIB]) {
  test(`the memory of results of ${length} bytes is told to V8, and given back`, async (t) => {
    const session = await warmSession(t)
    const data = Buffer.alloc(length)
    const count = Math.ceil((20 * MIB) / length)
    const start = (await settledMemory()).external
    let sealed = Array.from({ length: count }, () => session.sealSync(data))
    const withSealed = process.memoryUsage().external
    assert.ok(withSealed - start >= count * length, `${withSealed - start} bytes`)
    let unsealed = await Promise.all(sealed.map((record) => session.unseal(record)))
    const withBoth = process.memoryUsage().external
    assert.ok(withBoth - start >= 2 * count * length, `${withBoth - start} bytes`)
    assert.equal(unsealed.at(-1).length + sealed.at(-1).length, 2 * length + 46)
    sealed = unsealed = undefined
    // Sweeping goes on beside this thread.
    let end = withBoth
    for (let round = 0; round < 50 && end - start > MIB; round++) {
      end = (await settledMemory()).external
    }
    assert.ok(end - start <= MIB, `${end - start} bytes are left`)
  })
}

test('a loop that never lets the event loop turn keeps no results', async (t) => {
  const session = await warmSession(t)
  const data = Buffer.alloc(64 * 1024, 7)
  const [record, text] = [session.sealSync(data), session.encryptSync(data)]
  for (const call of [
    () => session.sealSync(data),
    () => session.unsealSync(record),
    () => session.decryptSync(text),
  ]) {
    const before = (await settledMemory()).rss
    for (let i = 0; i < 6000; i++) call()
    const growth = (process.memoryUsage().rss - before) / MIB
    // All results together are 375 MiB.
    assert.ok(growth < 200, `${growth.toFixed(1)} MiB`)
  }
})
