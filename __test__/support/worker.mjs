// The jobs of the worker threads in 20-workers.test.mjs.
import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'
import { parentPort, threadId, workerData } from 'node:worker_threads'
import { Differ, SessionFactory } from 'sealdiff'
import { options } from './factory.mjs'

const { job, handle, record, metastore } = workerData

const jobs = {
  async share() {
    const session = SessionFactory.attach(handle).session('p1')
    const unsealed = session.unsealStringSync(Buffer.from(record))
    return { unsealed, sealed: session.sealSync('from a worker') }
  },

  async detach() {
    const factory = SessionFactory.attach(handle)
    const session = factory.session('p1')
    session.sealSync('x')
    await factory.close()
    return session.seal('x').catch((error) => error.code)
  },

  async outlive() {
    const factory = SessionFactory.attach(handle)
    const session = factory.session('p1')
    await session.warm()
    parentPort.postMessage('attached')
    await once(parentPort, 'message')
    const calls = [
      () => session.seal('x'),
      async () => session.sealSync('x'),
      async () => factory.session('p1'),
      async () => factory.stats(),
      async () => factory.handle(),
      () => factory.ping(),
    ]
    return Promise.all(calls.map((call) => call().catch((error) => error.code)))
  },

  async open() {
    const factory = await SessionFactory.open(options())
    setInterval(() => {}, 1000)
    return { handle: factory.handle(), record: await factory.session('p1').seal('from the opener') }
  },

  async openOwn() {
    const rows = new Map()
    const metastore = {
      load: async (id, created) => rows.get(`${id}@${created}`),
      loadLatest: async (id) => [...rows].filter(([key]) => key.startsWith(`${id}@`)).at(-1)?.[1],
      store: async (id, created, text) => Boolean(rows.set(`${id}@${created}`, text)),
    }
    const kms = { encryptKey: async (key) => key, decryptKey: async (key) => key }
    const factory = await SessionFactory.open(options({ metastore, kms }))
    setInterval(() => {}, 1000)
    return { handle: factory.handle(), record: await factory.session('p1').seal('from the opener') }
  },

  async busy() {
    const factories = [
      SessionFactory.attach(handle),
      await SessionFactory.open(options({ metastore })),
    ]
    startEverything(factories)
    return 'busy'
  },

  /** Asks the metastore so many times, while the thread that waits for `done` does nothing else. */
  async ping() {
    const [done] = await once(parentPort, 'message')
    const factory = SessionFactory.attach(handle)
    for (let i = 0; i < workerData.times; i++) await factory.ping()
    Atomics.store(done, 0, 1)
    Atomics.notify(done, 0)
  },

  /** Answers with the first event, and leaves many under way. */
  async listen() {
    const first = new Promise((resolve) => diagnostics.subscribe('sealdiff:metastore', resolve))
    const factory = SessionFactory.attach(handle)
    for (let i = 0; i < 300; i++) {
      const session = factory.session(`${threadId} ${i}`)
      session.seal('x').catch(() => {})
    }
    return first
  },

  async alone() {
    startEverything([await SessionFactory.open(options())])
    return 'busy'
  },
}

/** Leaves hundreds of calls under way on other threads. */
function startEverything(factories) {
  const document = 'line\n'.repeat(20_000)
  const differ = new Differ()
  for (const factory of factories) {
    for (let i = 0; i < 100; i++) {
      const session = factory.session(`p${i}`)
      session.seal(Buffer.alloc(1 << 18)).catch(() => {})
      session.encrypt('x').catch(() => {})
    }
  }
  for (let i = 0; i < 20; i++) differ.unified(document, `${i}\n${document}${i}`).catch(() => {})
}

parentPort.postMessage(await jobs[job]())
