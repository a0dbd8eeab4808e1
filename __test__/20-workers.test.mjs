// Worker threads: one factory for all, and threads that end at any time.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import path from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { SessionFactory } from 'sealdiff'
import { coded, openFactory, options, temporaryFolder } from './support/factory.mjs'

const SUPPORT = new URL('./support/worker.mjs', import.meta.url)

function worker(t, workerData) {
  const thread = new Worker(SUPPORT, { workerData })
  t.after(() => thread.terminate())
  return thread
}

/** What a worker posted, or the error that ended it. */
async function answer(thread) {
  const [message] = await once(thread, 'message')
  return message
}

test('workers attached to one factory share its keys', async (t) => {
  const factory = await openFactory(t)
  const record = await factory.session('p1').seal('from the main thread')
  const threads = Array.from({ length: 4 }, () =>
    worker(t, { job: 'share', handle: factory.handle(), record }),
  )
  for (const { unsealed, sealed } of await Promise.all(threads.map(answer))) {
    assert.equal(unsealed, 'from the main thread')
    assert.equal(factory.session('p1').unsealStringSync(Buffer.from(sealed)), 'from a worker')
  }
  const { metastoreLoads, metastoreStores, kmsEncrypts, kmsDecrypts } = factory.stats()
  assert.deepEqual([metastoreLoads, metastoreStores, kmsEncrypts, kmsDecrypts], [2, 2, 1, 0])
})

test('closing an attached factory lets only its thread go', async (t) => {
  const factory = await openFactory(t)
  await factory.session('p1').warm()
  assert.equal(
    await answer(worker(t, { job: 'detach', handle: factory.handle() })),
    'ERR_SESSION_CLOSED',
  )
  assert.equal(factory.session('p1').sealSync('x').length, 47)
})

test('closing the opener closes for all threads', async (t) => {
  const factory = await SessionFactory.open(options())
  const thread = worker(t, { job: 'outlive', handle: factory.handle() })
  assert.equal(await answer(thread), 'attached')
  await factory.close()
  thread.postMessage('closed')
  assert.deepEqual(new Set(await answer(thread)), new Set(['ERR_SESSION_CLOSED']))
})

test('a factory lives on in an attached thread when its opener’s thread has ended', async (t) => {
  const opener = worker(t, { job: 'open' })
  const { handle, record } = await answer(opener)
  const attached = SessionFactory.attach(handle)
  await opener.terminate()
  assert.equal(await attached.session('p1').unsealString(Buffer.from(record)), 'from the opener')
  await attached.close()
  await new Promise(setImmediate)
  assert.throws(() => SessionFactory.attach(handle), coded('ERR_HANDLE_INVALID'))
})

test('unknown, closed and malformed handles are refused', async (t) => {
  const factory = await openFactory(t)
  const handle = factory.handle()
  assert.match(handle, /^[0-9a-f]{32}$/)
  await factory.close()
  for (const given of [handle, '', 'x', '0'.repeat(32), handle.toUpperCase()]) {
    assert.throws(() => SessionFactory.attach(given), coded('ERR_HANDLE_INVALID'))
  }
  for (const given of [undefined, 1, {}, null]) {
    assert.throws(() => SessionFactory.attach(given), coded('ERR_INVALID_ARG_TYPE'))
  }
})

test('a worker ended in mid-call twenty times disturbs nobody', async (t) => {
  const metastore = `sqlite:${path.join(temporaryFolder(t), 'keys.db')}`
  const factory = await openFactory(t, { metastore })
  const session = factory.session('p1')
  await session.warm()
  for (let round = 0; round < 20; round++) {
    const thread = worker(t, { job: 'busy', handle: factory.handle(), metastore })
    await answer(thread)
    await thread.terminate()
    assert.equal(session.unsealStringSync(session.sealSync(`round ${round}`)), `round ${round}`)
  }
})

test('a worker that alone loads the addon can end in mid-call, again and again', async () => {
  const { spawnSync } = await import('node:child_process')
  const program = `
    const { Worker } = require('node:worker_threads')
    const { once } = require('node:events')
    ;(async () => {
      for (let round = 0; round < 5; round++) {
        const thread = new Worker(new URL(${JSON.stringify(SUPPORT.href)}), { workerData: { job: 'alone' } })
        await once(thread, 'message')
        await thread.terminate()
      }
      console.log('done')
    })()`
  const child = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  assert.deepEqual([child.status, child.signal, child.stdout], [0, null, 'done\n'], child.stderr)
})
