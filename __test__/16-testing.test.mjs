// sealdiff/testing: what users' tests rest on.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { inspect, SessionFactory } from 'sealdiff'
import { openForTests, TestClock, TestMetastore } from 'sealdiff/testing'
import { coded, options } from './support/factory.mjs'

async function open(t, given) {
  const factory = await openForTests(given)
  t.after(() => factory.close())
  return factory
}

test('both module systems get the same names', () => {
  const required = createRequire(import.meta.url)('sealdiff/testing')
  assert.deepEqual({ ...required }, { openForTests, TestClock, TestMetastore })
})

test('a factory opens without options, and is the real one', async (t) => {
  const factory = await open(t)
  assert.ok(factory instanceof SessionFactory)
  const session = factory.session('p1')
  assert.equal(await session.unsealString(await session.seal('x')), 'x')
  assert.equal(session.decryptStringSync(session.encryptSync('x')), 'x')
})

test('two factories without a metastore share nothing', async (t) => {
  const record = await (await open(t)).session('p1').seal('x')
  const other = (await open(t)).session('p1')
  await assert.rejects(other.unseal(record), coded('ERR_KEY_NOT_FOUND'))
})

test('options are those of open, and refused as there', async () => {
  await assert.rejects(openForTests({ caches: {} }), coded('ERR_INVALID_ARG_VALUE'))
  await assert.rejects(openForTests({ serviceId: '' }), coded('ERR_INVALID_ARG_VALUE'))
  for (const wrong of [null, 1, 'memory:', []]) {
    await assert.rejects(openForTests(wrong), coded('ERR_INVALID_ARG_TYPE'))
  }
  for (const clock of [1, {}, null, new Date(), () => 0]) {
    await assert.rejects(openForTests({ clock }), coded('ERR_INVALID_ARG_TYPE'))
  }
  await assert.rejects(SessionFactory.open(options({ clock: new TestClock() })), {
    code: 'ERR_INVALID_ARG_VALUE',
    message: 'clock is not an option',
  })
})

test('a clock shows what it is given, and moves by what it is told', () => {
  assert.equal(new TestClock(1_500).now.getTime(), 1_500)
  assert.equal(new TestClock(new Date('2030-01-01')).now.toISOString(), '2030-01-01T00:00:00.000Z')
  assert.ok(Math.abs(new TestClock().now.getTime() - Date.now()) < 60_000)
  const clock = new TestClock(0)
  for (const [by, shown] of [
    ['1d', 86_400_000],
    [1.5, 86_401_500],
    [0, 86_401_500],
  ]) {
    clock.advance(by)
    assert.equal(clock.now.getTime(), shown)
  }
})

test('times and durations that no clock can show are refused', () => {
  for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY, new Date(Number.NaN)]) {
    assert.throws(() => new TestClock(wrong), coded('ERR_INVALID_ARG_VALUE'))
  }
  for (const wrong of ['2030', null, {}]) {
    assert.throws(() => new TestClock(wrong), coded('ERR_INVALID_ARG_TYPE'))
  }
  const clock = new TestClock(0)
  assert.throws(() => clock.advance(), coded('ERR_INVALID_ARG_TYPE'))
  assert.throws(() => clock.advance({}), coded('ERR_INVALID_ARG_TYPE'))
  assert.throws(() => clock.advance(-1), coded('ERR_INVALID_ARG_VALUE'))
  assert.equal(clock.now.getTime(), 0)
})

test('keys are created by the clock, and expire by it', async (t) => {
  const clock = new TestClock(new Date('2030-01-01T00:00:30Z'))
  const session = (await open(t, { clock, policy: { expireAfter: '30d' } })).session('p1')
  const old = await session.seal('x')
  assert.equal(inspect(old).keyCreated, Date.parse('2030-01-01') / 1000)
  clock.advance('29d')
  assert.equal(inspect(await session.seal('x')).keyCreated, inspect(old).keyCreated)
  clock.advance('2d')
  assert.throws(() => session.sealSync('x'), coded('ERR_KEY_NOT_CACHED'))
  assert.equal(inspect(await session.seal('x')).keyCreated, Date.parse('2030-02-01') / 1000)
  assert.equal(await session.unsealString(old), 'x')
})

test('a revoked key goes on writing until the clock reaches the check, and on reading for ever', async (t) => {
  const [clock, metastore] = [new TestClock(), new TestMetastore()]
  const session = (await open(t, { clock, metastore })).session('p1')
  const old = await session.seal('x')
  const [systemKey, intermediateKey] = metastore.rows()
  assert.match(systemKey.id, /^_SK_/)
  assert.equal(metastore.revoke(intermediateKey.id), 1)
  assert.deepEqual(
    metastore.rows().map(({ revoked }) => revoked),
    [false, true],
  )
  clock.advance('30m')
  assert.equal(inspect(await session.seal('x')).keyCreated, inspect(old).keyCreated)
  clock.advance('41m')
  assert.ok(inspect(await session.seal('x')).keyCreated > inspect(old).keyCreated)
  assert.equal(metastore.rows().length, 3)
  assert.equal(await session.unsealString(old), 'x')
})

test('revoking a system key ends the intermediate keys under it', async (t) => {
  const [clock, metastore] = [new TestClock(), new TestMetastore()]
  const session = (await open(t, { clock, metastore })).session('p1')
  const old = await session.seal('x')
  assert.equal(
    metastore.revoke(({ id }) => id.startsWith('_SK_')),
    1,
  )
  clock.advance('71m')
  assert.ok(inspect(await session.seal('x')).keyCreated > inspect(old).keyCreated)
  assert.equal(metastore.revoke(), 4)
  assert.equal(metastore.revoke('no such id'), 0)
  assert.throws(() => metastore.revoke(1), coded('ERR_INVALID_ARG_TYPE'))
})

test('the grace ends by the clock', async (t) => {
  const [clock, metastore] = [new TestClock(), new TestMetastore()]
  const factory = await open(t, { clock, metastore })
  const session = factory.session('p1')
  await session.seal('x')
  metastore.loadLatest = async () => {
    throw new Error('down')
  }
  clock.advance('65m')
  assert.equal((await session.seal('x')).length, 47, 'within the grace')
  clock.advance('6m')
  await assert.rejects(session.seal('x'), coded('ERR_METASTORE_UNAVAILABLE'))
})

test('services share a metastore as they share a database', async (t) => {
  const metastore = new TestMetastore()
  const record = await (await open(t, { metastore })).session('p1').seal('x')
  const other = (await open(t, { metastore })).session('p1')
  assert.equal(await other.unsealString(record), 'x')
  assert.equal(metastore.rows().length, 2)
  const [row] = metastore.rows()
  row.record = 'changed'
  assert.notEqual(metastore.rows()[0].record, 'changed', 'rows are copies')
})

test('there is no warning of a static key, and nothing keeps the process alive', () => {
  const program = `
    const { openForTests, TestClock, TestMetastore } = require('sealdiff/testing')
    openForTests({ clock: new TestClock(), metastore: new TestMetastore() })
      .then((factory) => factory.session('p').seal('x'))
      .then(({ length }) => console.log(length))`
  const { NODE_ENV: _, NODE_TEST_CONTEXT: __, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    env,
    timeout: 20_000,
  })
  assert.deepEqual([status, stdout, stderr], [0, '47\n', ''])
})
