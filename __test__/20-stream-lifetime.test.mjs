// The ends of streams: aborted, cancelled, closed, abandoned, terminated; nothing is left, and memory stays constant.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { getEventListeners, once } from 'node:events'
import { Duplex, PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { ReadableStream } from 'node:stream/web'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'
import vm from 'node:vm'
import { Worker } from 'node:worker_threads'
import { SessionFactory } from 'sealdiff'
import { openFactory, options } from './support/factory.mjs'
import { codeOf, through } from './support/streams.mjs'
import { until } from './support/until.mjs'

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc')

/** A stream in the middle: it has its key and part of a chunk. */
async function halfWay(transform, first = randomBytes(1000)) {
  const writer = transform.writable.getWriter()
  const reader = transform.readable.getReader()
  const reading = reader.read()
  await writer.write(first)
  await reading
  return { writer, reader }
}

async function noStreams(factory) {
  await until('no stream has a key', () => factory.stats().streamKeys === 0)
}

test('an open stream has one key, and none when it has ended', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const { writer, reader } = await halfWay(session.sealStream())
  assert.equal(factory.stats().streamKeys, 1)
  await Promise.all([writer.close(), reader.read()])
  assert.equal(factory.stats().streamKeys, 0)
})

test('a stream that nobody used has no key', async (t) => {
  const factory = await openFactory(t)
  const unused = factory.session('p1').sealStream()
  assert.equal(factory.stats().streamKeys, 0)
  assert.equal(factory.stats().keyLoads, 0)
  await unused.readable.cancel()
})

test('an abort in the middle ends both sides and erases the key at once', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const controller = new AbortController()
  const { writer, reader } = await halfWay(session.sealStream({ signal: controller.signal }))
  const aborted = { name: 'AbortError', code: 'ABORT_ERR', cause: 'enough', retryable: false }
  const reading = assert.rejects(reader.read(), aborted)
  controller.abort('enough')
  assert.equal(factory.stats().streamKeys, 0)
  await reading
  await assert.rejects(writer.write('more'), aborted)
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
})

test('an abort while much is being sealed ends it too', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  await session.warm()
  const controller = new AbortController()
  const transform = session.sealStream({ signal: controller.signal })
  const outcome = codeOf(through(transform, Buffer.alloc(64 << 20)))
  setTimeout(() => controller.abort(), 5)
  assert.equal(await outcome, 'ABORT_ERR')
  await noStreams(factory)
})

test('a signal that fired before gives a stream that failed', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const signal = AbortSignal.abort('before')
  for (const transform of [session.sealStream({ signal }), session.unsealStream({ signal })]) {
    assert.equal(await codeOf(through(transform, Buffer.alloc(10))), 'ABORT_ERR')
  }
})

test('a signal that many streams share has one listener, and none when they have ended', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const { signal } = new AbortController()
  const streams = Array.from({ length: 30 }, () => session.sealStream({ signal }))
  assert.equal(getEventListeners(signal, 'abort').length, 1)
  for (const stream of streams) await through(stream, 'data')
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

test('cancelling the reader and aborting the writer erase the key', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const [one, other] = [await halfWay(session.sealStream()), await halfWay(session.sealStream())]
  assert.equal(factory.stats().streamKeys, 2)
  await one.reader.cancel()
  await other.writer.abort()
  await noStreams(factory)
})

test('a pipeline of node:stream whose source or destination fails erases the key', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const failing = async function* () {
    yield randomBytes(100_000)
    throw new Error('the disk is gone')
  }
  const broken = pipeline(failing, session.sealStream(), new PassThrough().resume())
  await assert.rejects(broken, /the disk is gone/)
  const full = new PassThrough()
  full.once('data', () => full.destroy(new Error('the disk is full')))
  const source = Readable.from([randomBytes(100_000), randomBytes(100_000)])
  await assert.rejects(
    pipeline(source, Duplex.fromWeb(session.sealStream()), full),
    /the disk is full/,
  )
  await noStreams(factory)
})

test('a stream that fails erases its key at once', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const sealed = await through(session.sealStream(), randomBytes(40_000))
  sealed[20_000] ^= 1
  assert.equal(await codeOf(through(session.unsealStream(), sealed)), 'ERR_DECRYPT_FAILED')
  assert.equal(factory.stats().streamKeys, 0)
})

test('closing the session ends its streams at their next use', async (t) => {
  const factory = await openFactory(t)
  for (const end of ['write', 'close']) {
    const session = factory.session('p1')
    const { writer, reader } = await halfWay(session.sealStream())
    session.close()
    const reading = codeOf(reader.read())
    assert.equal(
      await codeOf(writer[end](end === 'write' ? 'more' : undefined)),
      'ERR_SESSION_CLOSED',
    )
    assert.equal(await reading, 'ERR_SESSION_CLOSED')
    assert.throws(() => session.sealStream(), { code: 'ERR_SESSION_CLOSED' })
    assert.throws(() => session.unsealStream(), { code: 'ERR_SESSION_CLOSED' })
  }
  assert.equal(factory.stats().streamKeys, 0)
})

test('closing the factory waits for no idle stream, and ends it at its next use', async () => {
  const factory = await SessionFactory.open(options())
  const { writer, reader } = await halfWay(factory.session('p1').sealStream())
  await factory.close()
  const reading = codeOf(reader.read())
  assert.equal(await codeOf(writer.write('more')), 'ERR_SESSION_CLOSED')
  assert.equal(await reading, 'ERR_SESSION_CLOSED')
})

test('closing the factory waits for the chunk that is being sealed', async () => {
  const factory = await SessionFactory.open(options())
  const session = factory.session('p1')
  await session.warm()
  const { readable, writable } = session.sealStream()
  const writing = codeOf(writable.getWriter().write(Buffer.alloc(900_000)))
  const reader = readable.getReader()
  const reading = reader.read()
  await new Promise(setImmediate)
  await factory.close()
  assert.ok(['no error', 'ERR_SESSION_CLOSED'].includes(await writing))
  await reading.catch(() => {})
})

test('a session that had to make room goes on with its streams', async (t) => {
  const factory = await openFactory(t, { cache: { sessions: 1 } })
  const session = factory.session('p1')
  const data = randomBytes(100_000)
  const pieces = async function* () {
    for (let at = 0; at < data.length; at += 10_000) {
      factory.session(`other ${at}`)
      yield data.subarray(at, at + 10_000)
    }
  }
  const sealed = await buffer(ReadableStream.from(pieces()).pipeThrough(session.sealStream()))
  assert.ok(data.equals(await through(session.unsealStream(), sealed)))
})

test('streams that nobody has any more are collected, with and without a signal', async (t) => {
  const factory = await openFactory(t)
  const session = factory.session('p1')
  const { signal } = new AbortController()
  const abandon = async () => {
    for (let i = 0; i < 20; i++) {
      await halfWay(session.sealStream())
      await halfWay(session.sealStream({ signal }))
    }
  }
  await abandon()
  assert.ok(factory.stats().streamKeys > 0)
  await until('abandoned streams are collected', () => {
    collect()
    return factory.stats().streamKeys === 0
  })
  await until('their signal is not watched', () => {
    collect()
    return getEventListeners(signal, 'abort').length === 0
  })
})

test('a hundred streams at once do not mix', async (t) => {
  const session = (await openFactory(t)).session('p1')
  const each = Array.from({ length: 100 }, async (_, i) => {
    const data = Buffer.alloc(30_000 + i, i)
    const sealed = await through(session.sealStream({ additionalData: `${i}` }), data)
    assert.ok(data.equals(await through(session.unsealStream({ additionalData: `${i}` }), sealed)))
  })
  await Promise.all(each)
})

test('a worker that is terminated in mid-stream leaves no key', async (t) => {
  const factory = await openFactory(t)
  await factory.session('p1').warm()
  const program = new URL('./support/stream-worker.mjs', import.meta.url)
  for (let round = 0; round < 5; round++) {
    const thread = new Worker(program, { workerData: { handle: factory.handle() } })
    await once(thread, 'message')
    assert.ok(factory.stats().streamKeys > 0)
    await thread.terminate()
    await noStreams(factory)
  }
})

test('a gibibyte goes through both ends in constant memory', () => {
  const child = fileURLToPath(new URL('./support/stream-memory-child.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, '1024'], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  const { same, grown } = JSON.parse(stdout)
  assert.ok(same, 'what comes out is what went in')
  assert.ok(grown < 32 << 20, `memory grew by ${(grown / 2 ** 20).toFixed(1)} MiB`)
})
