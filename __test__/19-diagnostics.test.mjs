// The channels of metastores, key management services and the log.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { SessionFactory } from 'sealdiff'
import { openForTests, TestClock, TestMetastore } from 'sealdiff/testing'
import { messages, traces } from './support/channels.mjs'
import { coded, openFactory, options, temporaryFolder } from './support/factory.mjs'
import { until } from './support/until.mjs'

/** Without how long it took. */
function withoutTime([name, { durationMs, ...message }]) {
  if (name !== 'log') assert.ok(durationMs >= 0 && durationMs < 60_000, String(durationMs))
  return [name, message]
}

const WORKER = new URL('./support/worker.mjs', import.meta.url)

const OK = { outcome: 'ok' }
const ASKED_AT_OPEN = [
  ['metastore', { operation: 'ping', ...OK }],
  ['kms', { operation: 'ping', ...OK }],
]

function assertSameCalls(told, expected) {
  assert.deepEqual(told.map(withoutTime).map(ordered).sort(), expected.map(ordered).sort())
}

function ordered([name, message]) {
  return `${name} ${JSON.stringify(message, Object.keys(message).sort())}`
}

test('each call of metastore and KMS is told of once, with its level and outcome', async (t) => {
  const told = messages(t, ['metastore', 'kms'])
  const factory = await openFactory(t)
  await factory.session('p1').seal('x')
  const [system, intermediate] = [{ level: 'system' }, { level: 'intermediate' }]
  const expected = [
    ...ASKED_AT_OPEN,
    ['metastore', { operation: 'loadLatest', ...intermediate, ...OK }],
    ['metastore', { operation: 'loadLatest', ...system, ...OK }],
    ['kms', { operation: 'encryptKey', ...OK }],
    ['metastore', { operation: 'store', ...system, ...OK }],
    ['metastore', { operation: 'store', ...intermediate, ...OK }],
  ]
  await until('the events come', () => told.length >= expected.length)
  assertSameCalls(told, expected)

  told.length = 0
  for (let i = 0; i < 100; i++) await factory.session('p1').seal('x')
  await factory.ping()
  await until('the events come', () => told.length >= 2)
  assertSameCalls(told, ASKED_AT_OPEN)
})

test('reading tells of loads and of unwrapped keys', async (t) => {
  const metastore = new TestMetastore()
  const record = await (await openForTests({ metastore })).session('p1').seal('x')
  const told = messages(t, ['metastore', 'kms'])
  const reader = await openForTests({ metastore })
  t.after(() => reader.close())
  await reader.session('p1').unseal(record)
  await until('the events come', () => told.length >= 5)
  assertSameCalls(told, [
    ...ASKED_AT_OPEN,
    ['metastore', { operation: 'load', level: 'intermediate', ...OK }],
    ['metastore', { operation: 'load', level: 'system', ...OK }],
    ['kms', { operation: 'decryptKey', ...OK }],
  ])
})

test('a failed call tells its code and how long it took', async (t) => {
  const metastore = new TestMetastore()
  const kms = { encryptKey: () => new Promise(() => {}), decryptKey: async (key) => key }
  const told = messages(t, ['metastore', 'kms'])
  const factory = await openFactory(t, { metastore, kms, timeout: 1 })
  await assert.rejects(factory.session('p1').seal('x'), coded('ERR_KMS_UNAVAILABLE'))
  metastore.loadLatest = async () => {
    throw new Error('down')
  }
  await assert.rejects(factory.session('p1').seal('x'), coded('ERR_METASTORE_UNAVAILABLE'))
  await until('the events come', () => told.length >= 6)
  const failures = told.filter(([, { outcome }]) => outcome === 'error')
  assert.deepEqual(failures.map(withoutTime), [
    ['kms', { operation: 'encryptKey', outcome: 'error', code: 'ERR_KMS_UNAVAILABLE' }],
    [
      'metastore',
      {
        operation: 'loadLatest',
        level: 'intermediate',
        outcome: 'error',
        code: 'ERR_METASTORE_UNAVAILABLE',
      },
    ],
  ])
  assert.ok(failures[0][1].durationMs >= 49, String(failures[0][1].durationMs))
})

test('the log tells of keys that are made, and of refreshes that fail', async (t) => {
  const told = messages(t, ['log'])
  const [clock, metastore] = [new TestClock(), new TestMetastore()]
  const factory = await openForTests({ clock, metastore })
  t.after(() => factory.close())
  const session = factory.session('p1')
  await session.seal('x')
  await until('the events come', () => told.length >= 2)
  const created = Math.floor(clock.now.getTime() / 60_000) * 60
  assert.deepEqual(
    told.map(([, line]) => line),
    ['system', 'intermediate'].map((level) => ({
      level: 'info',
      message: 'created a key',
      fields: { created, level },
    })),
  )
  told.length = 0
  metastore.loadLatest = async () => {
    throw new Error('secret of a driver')
  }
  clock.advance('61m')
  await session.seal('x')
  await until('the events come', () => told.length >= 1)
  assert.deepEqual(told[0][1], {
    level: 'warn',
    message: 'a cached key could not be refreshed',
    fields: {
      code: 'ERR_METASTORE_UNAVAILABLE',
      error: 'the metastore failed to load the newest key',
      outage: true,
    },
  })
})

test('who subscribes later is told from the next call that waits', async (t) => {
  const factory = await openFactory(t)
  await factory.session('p1').seal('x')
  const told = messages(t, ['metastore'])
  await factory.ping()
  await until('the events come', () => told.length >= 1)
  assertSameCalls(told, [['metastore', { operation: 'ping', ...OK }]])
})

test('a subscriber that makes calls is told of those too, and comes to an end', async (t) => {
  let factory
  const sealing = []
  const told = messages(t, ['metastore', 'kms', 'log'], () => {
    sealing.push(factory?.session('audit').seal('a line of an audit log'))
  })
  factory = await openFactory(t)
  await factory.session('p1').seal('x')
  // Two signs of life, seven events of the first keys, three of the key that the subscriber needs.
  await until('the events come', () => told.length >= 12)
  await Promise.all(sealing)
  const count = told.length
  await factory.session('p1').seal('x')
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(told.length, count)
})

test('more events than a thread takes are dropped and counted', async (t) => {
  const told = messages(t, ['metastore', 'log'])
  const factory = await openFactory(t)
  await until('the events come', () => told.length >= 1)
  const before = factory.stats().droppedEvents
  const other = new Worker(WORKER, {
    workerData: { job: 'ping', handle: factory.handle(), times: 3000 },
  })
  t.after(() => other.terminate())
  // This thread is busy, and takes no events, until the other one is done.
  await once(other, 'online')
  const done = new Int32Array(new SharedArrayBuffer(4))
  other.postMessage(done)
  assert.notEqual(Atomics.wait(done, 0, 0, 60_000), 'timed-out')
  const dropped = factory.stats().droppedEvents - before
  assert.ok(dropped >= 1900, String(dropped))
  await until('the events come', () => told.some(([name]) => name === 'log'))
  assert.ok(told.length < 1100, String(told.length))
  const [, line] = told.find(([name]) => name === 'log')
  assert.deepEqual(line, {
    level: 'warn',
    message: 'diagnostic events were dropped: too many waited',
    fields: { dropped },
  })
})

test('each thread that subscribes is told, and ended in mid-delivery it disturbs nobody', async (t) => {
  const told = messages(t, ['metastore'])
  const factory = await openFactory(t)
  for (let round = 0; round < 20; round++) {
    const handle = factory.handle()
    const thread = new Worker(WORKER, { workerData: { job: 'listen', handle } })
    const [first] = await once(thread, 'message')
    assert.equal(first.outcome, 'ok')
    await thread.terminate()
    const before = told.length
    await factory.ping()
    await until('the events come', () => told.length > before)
  }
})

const OPEN = `
  const { openForTests } = require('sealdiff/testing')
  const diagnostics = require('node:diagnostics_channel')
  const told = []
  for (const name of ['metastore', 'kms', 'log']) {
    diagnostics.subscribe('sealdiff:' + name, (message) => told.push(message))
  }`

function run(program) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['-e', `${OPEN}\n;(async () => {${program}})()`],
    { encoding: 'utf8', timeout: 60_000 },
  )
  return { status, signal, stdout, stderr }
}

test('neither subscribers nor waiting events keep a process alive', () => {
  const program = `const factory = await openForTests()
    for (let i = 0; i < 50; i++) await factory.session('p' + i).seal('x')
    console.log('idle')`
  assert.deepEqual(run(program), { status: 0, signal: null, stdout: 'idle\n', stderr: '' })
})

test('a process that exits while events wait gives its exit code', () => {
  const program = `const factory = await openForTests()
    for (let i = 0; i < 500; i++) factory.session('p' + i).seal('x').catch(() => {})
    await factory.session('p').seal('x')
    process.exit(7)`
  assert.deepEqual(run(program), { status: 7, signal: null, stdout: '', stderr: '' })
})

test('a subscriber that throws does not keep the next ones from their events', () => {
  const program = `process.on('uncaughtException', () => {})
    diagnostics.subscribe('sealdiff:metastore', () => { throw new Error('own') })
    const factory = await openForTests()
    await factory.session('p1').seal('x')
    const wait = setInterval(() => {
      if (told.length < 9) return
      clearInterval(wait)
      console.log(told.length)
    }, 1)`
  assert.deepEqual(run(program), { status: 0, signal: null, stdout: '9\n', stderr: '' })
})

test('no event of any channel holds an id, a key, data or a record', async (t) => {
  const secrets = {
    partition: 'marker-partition-7f3a',
    service: 'marker-service-91bc',
    product: 'marker-product-55d0',
    additionalData: 'marker-additional-2e6f',
    plaintext: 'marker-plaintext-c0de',
    thrown: 'marker-thrown-ab12',
    path: 'marker-path-77e1',
  }
  const masterKey = Buffer.alloc(32, 'marker-master-key')
  const [traced, told] = [traces(t), messages(t)]
  const [clock, metastore] = [new TestClock(), new TestMetastore()]
  const factory = await openForTests({
    clock,
    metastore,
    serviceId: secrets.service,
    productId: secrets.product,
    kms: { type: 'static', key: masterKey },
  })
  t.after(() => factory.close())
  const session = factory.session(secrets.partition)
  const place = { additionalData: secrets.additionalData }
  const record = await session.seal(secrets.plaintext, place)
  const json = await session.encrypt(secrets.plaintext)
  await session.unseal(record, place)
  session.decryptStringSync(json)
  await assert.rejects(session.unseal(record))
  await assert.rejects(factory.session('another').decrypt(json))
  await assert.rejects(session.seal({ secret: secrets.plaintext }))
  metastore.loadLatest = async () => {
    throw new Error(`${secrets.thrown} ${secrets.partition}`)
  }
  await assert.rejects(factory.session('cold').seal('x'))
  clock.advance('61m')
  await session.seal('x')
  await until('the events come', () => told.some(([, { level }]) => level === 'warn'))
  await factory.ping().catch(() => {})
  // A driver with statements and a path to log, which it does for itself alone.
  const url = `sqlite:${path.join(temporaryFolder(t), `${secrets.path}.db`)}`
  const filed = await openFactory(t, { metastore: url })
  await filed.session(secrets.partition).seal(secrets.plaintext)

  const rows = metastore.rows().map((row) => JSON.parse(row.record).Key)
  const bytes = [
    record,
    masterKey,
    Buffer.from(secrets.plaintext),
    ...rows.map((key) => Buffer.from(key, 'base64')),
  ]
  const forbidden = [
    ...Object.values(secrets),
    'SELECT',
    'encryption_key',
    '_IK_',
    '_SK_',
    json.slice(20, 60),
    ...bytes.flatMap((each) => [
      each.toString('hex').slice(0, 24),
      each.toString('base64').slice(0, 16),
    ]),
  ]
  const everything = JSON.stringify([traced, told])
  assert.ok(traced.length >= 20 && told.length >= 10, everything)
  for (const marker of forbidden) assert.ok(!everything.includes(marker), marker)
})

test('a factory that fails to open is told of too', async (t) => {
  const told = messages(t, ['metastore'])
  const metastore = new TestMetastore()
  metastore.loadLatest = async () => {
    throw new Error('down')
  }
  const opening = SessionFactory.open(options({ metastore }))
  await assert.rejects(opening, coded('ERR_METASTORE_UNAVAILABLE'))
  await until('the events come', () => told.length >= 1)
  assert.deepEqual(told.map(withoutTime), [
    ['metastore', { operation: 'ping', outcome: 'error', code: 'ERR_METASTORE_UNAVAILABLE' }],
  ])
})
