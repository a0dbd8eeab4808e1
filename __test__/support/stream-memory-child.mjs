// Sends data through sealStream and unsealStream, and says by how much the process grew meanwhile.
import { createHash, randomBytes } from 'node:crypto'
import process from 'node:process'
import { ReadableStream } from 'node:stream/web'
import { SessionFactory } from 'sealdiff'
import { options } from './factory.mjs'

const MEBIBYTE = 1 << 20
const CHUNK = 65_536
/** What the first of them take, the process keeps: code, the pool's threads, V8's young generation. */
const WARM_UP_MEBIBYTES = 64

const factory = await SessionFactory.open(options())
const session = factory.session('p1')
const block = randomBytes(MEBIBYTE)

/** The hash of what went in, and of what came out. */
async function run(mebibytes, watch) {
  const [input, output] = [createHash('sha256'), createHash('sha256')]
  const total = mebibytes * MEBIBYTE
  let sent = 0
  const source = new ReadableStream({
    pull(controller) {
      if (sent === total) return controller.close()
      const at = sent % MEBIBYTE
      const chunk = block.subarray(at, at + CHUNK)
      input.update(chunk)
      sent += CHUNK
      controller.enqueue(chunk)
    },
  })
  const opened = source.pipeThrough(session.sealStream()).pipeThrough(session.unsealStream())
  for await (const chunk of opened) {
    output.update(chunk)
    watch()
  }
  return input.digest('hex') === output.digest('hex')
}

await run(WARM_UP_MEBIBYTES, () => {})
const before = process.memoryUsage.rss()
let highest = before
const same = await run(Number(process.argv[2]), () => {
  highest = Math.max(highest, process.memoryUsage.rss())
})
await factory.close()
console.log(JSON.stringify({ same, grown: highest - before }))
