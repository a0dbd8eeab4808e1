// What stats() counts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { coded, openFactory } from './support/factory.mjs'

test('a factory that has done nothing has counted nothing', async (t) => {
  const factory = await openFactory(t)
  factory.session('not used yet')
  const { sessions, sessionMisses, memoryProtection, lockedBytes, lockedBytesLimit, ...rest } =
    factory.stats()
  assert.deepEqual({ sessions, sessionMisses }, { sessions: 1, sessionMisses: 1 })
  for (const [name, value] of Object.entries(rest)) assert.equal(value, 0, name)
  // Memory for keys is there from the beginning; how much of it is locked is the machine's to say.
  assert.equal(memoryProtection === 'locked', lockedBytes > 0)
  assert.ok(lockedBytes <= lockedBytesLimit)
})

test('each call of a session is one hit or one miss', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const lookups = () => {
    const { keyHits, keyMisses } = factory.stats()
    return [keyHits, keyMisses]
  }
  const record = await session.seal('x')
  assert.deepEqual(lookups(), [0, 1])
  await session.seal('x')
  session.sealSync('x')
  await session.unseal(record)
  session.unsealSync(record)
  await session.encrypt('x')
  await session.seal(Buffer.alloc(1 << 20))
  assert.deepEqual(lookups(), [6, 1])
  await session.reseal(record)
  assert.deepEqual(lookups(), [8, 1], 'resealing needs two keys')
  assert.throws(() => factory.session('p2').sealSync('x'), coded('ERR_KEY_NOT_CACHED'))
  assert.deepEqual(lookups(), [8, 2])
})

test('keys and sessions are counted while they are there', async (t) => {
  const factory = await openFactory(t, { cache: { sessions: 10, intermediateKeys: 4 } })
  for (let i = 0; i < 30; i++) await factory.session(`p${i}`).seal('x')
  const stats = factory.stats()
  assert.equal(stats.sessions, 10)
  assert.equal(stats.sessionMisses, 30)
  assert.equal(stats.systemKeys, 1)
  assert.ok(stats.intermediateKeys >= 10 && stats.intermediateKeys <= 14, stats.intermediateKeys)
  assert.ok(stats.keyEvictions >= 26, stats.keyEvictions)
  assert.equal(stats.keyLoads, 31)
  factory.session('p29')
  assert.equal(factory.stats().sessionHits, 1)
})

test('threads count together, and a thread that ends takes its sessions along', async (t) => {
  const factory = await openFactory(t)
  await factory.session('p1').seal('x')
  const program = `
    const { SessionFactory } = require('sealdiff')
    const { parentPort, workerData } = require('node:worker_threads')
    const session = SessionFactory.attach(workerData).session('p1')
    for (let i = 0; i < 1000; i++) session.sealSync('x')
    parentPort.postMessage('done')
    parentPort.once('message', () => {})`
  const workers = Array.from(
    { length: 2 },
    () => new Worker(program, { eval: true, workerData: factory.handle() }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const { sessions, keyHits } = factory.stats()
  assert.deepEqual([sessions, keyHits], [3, 2000])
  await Promise.all(workers.map((worker) => worker.terminate()))
  assert.equal(factory.stats().sessions, 1)
})
