// A thread with streams under way, of which some wait and some are at work, until it is terminated.
import { parentPort, workerData } from 'node:worker_threads'
import { SessionFactory } from 'sealdiff'

const session = SessionFactory.attach(workerData.handle).session('p1')
const chunk = Buffer.alloc(1 << 20)

async function sealForEver() {
  const { readable, writable } = session.sealStream()
  const writer = writable.getWriter()
  const reader = readable.getReader()
  for (;;) {
    const reading = reader.read()
    await writer.write(chunk)
    await reading
  }
}

const { readable, writable } = session.sealStream()
const waiting = readable.getReader().read()
await writable.getWriter().write('half a chunk')
await waiting
for (let i = 0; i < 4; i++) sealForEver()
setTimeout(() => parentPort.postMessage('streaming'), 30)
setInterval(() => {}, 1000)
