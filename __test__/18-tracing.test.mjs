// The tracing channels: what a subscriber is told of calls on records, and what it never is.
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { spawnSync } from 'node:child_process'
import diagnostics from 'node:diagnostics_channel'
import { test } from 'node:test'
import { traces } from './support/channels.mjs'
import { coded, openFactory } from './support/factory.mjs'

const sealed = { operation: 'seal', format: 'sealed-record' }
const unsealed = { operation: 'unseal', format: 'sealed-record' }
const encrypted = { operation: 'encrypt', format: 'data-row-record' }
const decrypted = { operation: 'decrypt', format: 'data-row-record' }

async function warmSession(t) {
  const session = (await openFactory(t)).session('p1')
  await session.warm()
  return session
}

test('a call of sync form tells start and end, with sizes in bytes', async (t) => {
  const session = await warmSession(t)
  const told = traces(t)
  const record = session.sealSync('é')
  session.unsealStringSync(record)
  session.unsealSync(record)
  const json = session.encryptSync(Buffer.from('four'))
  session.decryptSync(json)
  session.decryptStringSync(json)
  const ended = (about, bytesIn, bytesOut) => [
    ['start', { ...about, form: 'sync', bytesIn }],
    ['end', { ...about, form: 'sync', bytesIn, bytesOut, outcome: 'ok' }],
  ]
  assert.deepEqual(told, [
    ...ended(sealed, 2, 48),
    ...ended(unsealed, 48, 2),
    ...ended(unsealed, 48, 2),
    ...ended(encrypted, 4, json.length),
    ...ended(decrypted, json.length, 4),
    ...ended(decrypted, json.length, 4),
  ])
})

test('a call of promise form tells asyncStart and asyncEnd when it is over', async (t) => {
  const factory = await openFactory(t)
  const told = traces(t)
  for (const id of ['cold', 'cold']) {
    told.length = 0
    const record = await factory.session(id).seal('four')
    const open = { ...sealed, form: 'promise', bytesIn: 4 }
    const over = { ...open, bytesOut: record.length, outcome: 'ok' }
    assert.deepEqual(told, [
      ['start', open],
      ['end', open],
      ['asyncStart', over],
      ['asyncEnd', over],
    ])
  }
  const session = factory.session('cold')
  const [record, json] = [await session.seal('x'), await session.encrypt('x')]
  const calls = {
    unseal: () => session.unseal(record),
    unsealString: () => session.unsealString(record),
    encrypt: () => session.encrypt('x'),
    decrypt: () => session.decrypt(json),
    decryptString: () => session.decryptString(json),
  }
  for (const [name, call] of Object.entries(calls)) {
    told.length = 0
    await call()
    assert.deepEqual(
      told.map(([event, { operation }]) => `${operation} ${event}`),
      ['start', 'end', 'asyncStart', 'asyncEnd'].map(
        (event) => `${name.replace('String', '')} ${event}`,
      ),
    )
  }
})

test('a call that fails tells its code, and nothing else of the error', async (t) => {
  const session = await warmSession(t)
  const told = traces(t)
  const record = session.sealSync('x', { additionalData: 'here' })
  told.length = 0
  assert.throws(() => session.unsealSync(record), coded('ERR_DECRYPT_FAILED'))
  await assert.rejects(session.unseal(record), coded('ERR_DECRYPT_FAILED'))
  const of = (form) => ({ ...unsealed, form, bytesIn: 47 })
  const failed = (form) => ({ ...of(form), outcome: 'error', code: 'ERR_DECRYPT_FAILED' })
  assert.deepEqual(told, [
    ['start', of('sync')],
    ['error', failed('sync')],
    ['end', failed('sync')],
    ['start', of('promise')],
    ['end', of('promise')],
    ['error', failed('promise')],
    ['asyncStart', failed('promise')],
    ['asyncEnd', failed('promise')],
  ])
})

test('wrong arguments are no call; a call that is aborted or closed before it begins is one', async (t) => {
  const session = await warmSession(t)
  const told = traces(t)
  assert.throws(() => session.sealSync(42), coded('ERR_INVALID_ARG_TYPE'))
  await assert.rejects(session.decrypt(), coded('ERR_INVALID_ARG_TYPE'))
  assert.deepEqual(told, [])
  const codeOfLast = () => told.at(-1)[1].code
  await assert.rejects(session.seal('x', { signal: AbortSignal.abort('why') }), coded('ABORT_ERR'))
  assert.equal(codeOfLast(), 'ABORT_ERR')
  session.close()
  assert.throws(() => session.encryptSync('x'), coded('ERR_SESSION_CLOSED'))
  assert.equal(codeOfLast(), 'ERR_SESSION_CLOSED')
  await assert.rejects(session.seal.call({}, 'x'), coded('ERR_INVALID_ARG_TYPE'))
  assert.equal(codeOfLast(), 'ERR_INVALID_ARG_TYPE')
})

test('an abort in mid-call is told when the promise rejects', async (t) => {
  const metastore = {
    load: () => null,
    loadLatest: (id) => (id === '_SK_' ? null : new Promise(() => {})),
    store: () => true,
  }
  const factory = await openFactory(t, { metastore })
  const told = traces(t)
  const abort = new AbortController()
  const sealing = factory.session('p1').seal('x', { signal: abort.signal })
  assert.deepEqual(
    told.map(([event]) => event),
    ['start', 'end'],
  )
  abort.abort()
  await assert.rejects(sealing, coded('ABORT_ERR'))
  assert.deepEqual(
    told.map(([event]) => event),
    ['start', 'end', 'error', 'asyncStart', 'asyncEnd'],
  )
})

test('a subscriber keeps its own on the context, and stores that it binds last for the call', async (t) => {
  const factory = await openFactory(t)
  const storage = new AsyncLocalStorage()
  const channels = diagnostics.tracingChannel('sealdiff:seal')
  const spans = []
  const handlers = { asyncEnd: (context) => spans.push([context.span, storage.getStore()]) }
  channels.start.bindStore(storage, (context) => {
    context.span = 'span of this call'
    return 'bound'
  })
  channels.subscribe(handlers)
  t.after(() => {
    channels.start.unbindStore(storage)
    channels.unsubscribe(handlers)
  })
  await factory.session('p1').seal('x')
  assert.deepEqual(spans, [['span of this call', 'bound']])
  assert.equal(storage.getStore(), undefined)
})

test('a subscriber to one event of a channel is enough', async (t) => {
  const session = await warmSession(t)
  const failures = []
  const handler = ({ code }) => failures.push(code)
  const channels = diagnostics.tracingChannel('sealdiff:unseal')
  channels.error.subscribe(handler)
  t.after(() => channels.error.unsubscribe(handler))
  assert.throws(() => session.unsealSync(Buffer.alloc(3)))
  assert.deepEqual(failures, ['ERR_RECORD_INVALID'])
})

test('a call that a subscriber makes while it is told is not told of', async (t) => {
  const session = await warmSession(t)
  const inner = []
  const told = traces(t, () => {
    session.unsealStringSync(session.sealSync('log line'))
    inner.push(session.seal('log line'))
  })
  session.sealSync('x')
  await session.encrypt('x')
  await Promise.all(inner)
  assert.deepEqual(
    told.map(([event, { operation }]) => `${operation} ${event}`),
    [
      'seal start',
      'seal end',
      'encrypt start',
      'encrypt end',
      'encrypt asyncStart',
      'encrypt asyncEnd',
    ],
  )
  assert.equal(inner.length, 6)
  told.length = 0
  session.sealSync('x')
  assert.equal(told.length, 2, 'the next call is told of again')
})

test('a subscriber that throws does not disturb the call; its error is uncaught, as on every channel', () => {
  const program = `
    const { SessionFactory } = require('sealdiff')
    const diagnostics = require('node:diagnostics_channel')
    const uncaught = []
    process.on('uncaughtException', (error) => uncaught.push(error.message))
    const fail = () => { throw new Error('own') }
    for (const event of ['start', 'end', 'asyncStart', 'asyncEnd', 'error']) {
      diagnostics.subscribe('tracing:sealdiff:seal:' + event, fail)
    }
    ;(async () => {
      const factory = await SessionFactory.open({
        serviceId: 's', productId: 'p', metastore: 'memory:', kms: { type: 'static', key: '11'.repeat(32) },
      })
      const session = factory.session('p1')
      const records = [await session.seal('x'), session.sealSync('x')]
      console.log(records.map((record) => session.unsealStringSync(record)).join())
      await factory.close()
      setImmediate(() => console.log(uncaught.join()))
    })()`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.deepEqual([status, stdout, stderr], [0, `x,x\n${Array(6).fill('own').join()}\n`, ''])
})
