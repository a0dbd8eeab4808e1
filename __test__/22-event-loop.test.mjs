// Calls that are made at once take a share of each turn of the event loop, and no more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { openFactory } from './support/factory.mjs'

/** Whether the event loop got a turn while `work` ran. */
async function turnsDuring(work) {
  let turns = 0
  let isOver = false
  const counting = (async () => {
    while (!isOver) {
      await turn()
      turns++
    }
  })()
  await work()
  isOver = true
  const during = turns
  await counting
  return during
}

test('a loop that awaits warm calls lets the event loop turn', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  const record = await session.seal('x')
  const data = Buffer.alloc(64 * 1024)
  const loop = (times, call) => async () => {
    for (let i = 0; i < times; i++) await call()
  }
  assert.ok((await turnsDuring(loop(10_000, () => session.seal('x')))) >= 5)
  assert.ok((await turnsDuring(loop(10_000, () => session.unseal(record)))) >= 5)
  assert.ok((await turnsDuring(loop(500, () => session.seal(data)))) >= 5)
  assert.ok((await turnsDuring(loop(500, () => session.encrypt(data)))) >= 20)
})

test('a loop of calls that fail lets the event loop turn, too', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const forged = await session.seal('x')
  forged[40] ^= 1
  const turns = await turnsDuring(async () => {
    for (let i = 0; i < 10_000; i++) await session.unseal(forged).catch(() => {})
  })
  assert.ok(turns >= 5, String(turns))
})

test('many loops at once let the event loop turn, too', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const loop = async () => {
    for (let i = 0; i < 400; i++) await session.seal('x')
  }
  const turns = await turnsDuring(() => Promise.all(Array.from({ length: 50 }, loop)))
  assert.ok(turns >= 8, String(turns))
})

test('a thousand loops at once share many turns', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  const data = Buffer.alloc(64 * 1024)
  const loop = async () => {
    for (let i = 0; i < 4; i++) await session.seal(data)
  }
  const turns = await turnsDuring(() => Promise.all(Array.from({ length: 1000 }, loop)))
  assert.ok(turns >= 30, String(turns))
})

test('an abort ends the wait for a turn at once', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  const data = Buffer.alloc(64 * 1024)
  const controller = new AbortController()
  const calls = Array.from({ length: 2000 }, () =>
    session.seal(data, { signal: controller.signal }).then(
      () => 'sealed',
      ({ code }) => code,
    ),
  )
  controller.abort()
  let outcomes
  const turns = await turnsDuring(async () => {
    outcomes = await Promise.all(calls)
  })
  assert.ok(outcomes.filter((outcome) => outcome === 'ABORT_ERR').length > 1500)
  assert.ok(turns <= 2, String(turns))
})

test('calls end where a test holds the timers', async (t) => {
  t.mock.timers.enable()
  const session = (await openFactory(t)).session('p1')
  for (let i = 0; i < 5_000; i++) await session.seal('x')
})

test('many short records hold the event loop up for no longer than a few long ones', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  const turns = await turnsDuring(() => session.sealMany(Array(20_000).fill(Buffer.alloc(4000))))
  assert.ok(turns >= 3, String(turns))
})

test('a few calls are made at once, whatever the length of the turn before', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  for (let i = 0; i < 3; i++) {
    await turn()
    const turns = await turnsDuring(async () => {
      for (let n = 0; n < 20; n++) await session.seal('x')
    })
    assert.equal(turns, 0)
  }
})

test('records of every length are the same at once and on another thread', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  for (const length of [0, 1, 4000, 4096, 5000, 16_384, 65_536, 65_537, 200_000]) {
    const data = Buffer.alloc(length, 7)
    const records = await Promise.all(Array.from({ length: 100 }, () => session.seal(data)))
    const opened = await Promise.all(records.map((record) => session.unseal(record)))
    assert.ok(
      opened.every((one) => one.equals(data)),
      String(length),
    )
    assert.ok(records.every((record) => record.length === length + 46))
  }
})

test('no plaintext lies in the pool that small Buffers share', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const opened = await session.unseal(await session.seal('secret'))
  assert.equal(opened.buffer.byteLength, opened.length)
  assert.equal(session.unsealSync(session.sealSync('secret')).buffer.byteLength, 6)
})

test('a length that a Uint8Array pretends is not believed', async (t) => {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  const data = new Uint8Array([1, 2, 3])
  for (const byteLength of [1, -1, 2 ** 40, 'x']) {
    const liar = Object.defineProperties(data.slice(), {
      byteLength: { value: byteLength },
      length: { value: byteLength },
    })
    assert.deepEqual([...session.unsealSync(session.sealSync(liar))], [1, 2, 3])
  }
})
