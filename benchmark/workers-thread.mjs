// One worker of workers.mjs: makes a kind of call as often as it can, from a signal on and for a given time.
import { randomBytes } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { SessionFactory } from 'sealdiff'
import { nodeEncrypt } from './peers/node-crypto.mjs'

const { handle, gate } = workerData
const session = SessionFactory.attach(handle).session('partition')
const key = randomBytes(32)
/** Bytes of data between two looks at the clock: about 0.2 ms. */
const BYTES_PER_LOOK = 1 << 20
const MAX_CALLS_PER_LOOK = 256
/** Before a kind of call is timed for the first time: V8 has optimised what it will by then. */
const WARM_MS = 150
const warm = new Set()

const JOBS = {
  sealSync: (data) => () => session.sealSync(data),
  unsealSync: (data) => {
    const record = session.sealSync(data)
    return () => session.unsealSync(record)
  },
  nodeEncrypt: (data) => () => nodeEncrypt(key, data),
  arithmetic: () => arithmetic,
}

let mixed = 1

/** About a microsecond that touches no memory. */
function arithmetic() {
  for (let i = 0; i < 1000; i++) mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  return mixed
}

parentPort.on('message', ({ method, length, durationMs }) => {
  const call = JOBS[method](randomBytes(length))
  const calls = Math.min(MAX_CALLS_PER_LOOK, Math.ceil(BYTES_PER_LOOK / Math.max(1, length)))
  const opened = Atomics.load(gate, 0)
  callFor(call, calls, warm.has(method) ? durationMs / 10 : WARM_MS)
  warm.add(method)
  parentPort.postMessage('ready')
  Atomics.wait(gate, 0, opened)
  parentPort.postMessage(callFor(call, calls, durationMs))
})
parentPort.postMessage('attached')

function callFor(call, calls, durationMs) {
  const start = performance.now()
  let [count, elapsedMs] = [0, 0]
  while (elapsedMs < durationMs) {
    for (let i = 0; i < calls; i++) call()
    count += calls
    elapsedMs = performance.now() - start
  }
  return { count, elapsedMs }
}
