// Records of about 4 KiB, which share memory: none reaches into another, and none is lost with another.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openFactory } from './support/factory.mjs'

const LENGTHS = [4040, 4049, 4050, 4051, 4095, 4096, 4097, 4100, 4128, 4129]

async function warmSession(t) {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  return session
}

test('records of every length around 4 KiB come back, whoever is their neighbour', async (t) => {
  const session = await warmSession(t)
  const sealed = Array.from({ length: 100 }, (_, at) => {
    const data = Buffer.alloc(LENGTHS[at % LENGTHS.length], at)
    return { data, record: session.sealSync(data) }
  })
  for (const { data, record } of sealed) assert.deepEqual(session.unsealSync(record), data)
  const places = sealed
    .map(({ record }) => [record.buffer, record.byteOffset, record.byteOffset + record.length])
    .sort(([, one], [, other]) => one - other)
  for (const [buffer, start, end] of places) {
    const overlap = places.filter(([b, s, e]) => b === buffer && s < end && start < e)
    assert.equal(overlap.length, 1)
  }
})

test('a record that is transferred takes no other along', async (t) => {
  const session = await warmSession(t)
  const data = Buffer.alloc(4096, 1)
  const [one, other] = [session.sealSync(data), session.sealSync(data)]
  assert.equal(one.buffer, other.buffer, 'they share memory')
  try {
    structuredClone(one, { transfer: [one.buffer] })
  } catch (error) {
    assert.equal(error.name, 'DataCloneError')
  }
  assert.deepEqual(session.unsealSync(other), data)
})

test('memory of other records may be data and additional data', async (t) => {
  const session = await warmSession(t)
  const first = session.sealSync(Buffer.alloc(4096, 1))
  const all = new Uint8Array(first.buffer)
  const before = Buffer.from(all)
  const record = session.sealSync(all.subarray(0, 4096), { additionalData: all })
  assert.deepEqual(session.unsealSync(record, { additionalData: before }), before.subarray(0, 4096))
})
