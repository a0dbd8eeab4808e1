// Runs a batch over pairs of large documents and reports what it cost: peak memory, delay of the event loop.
// usage: batch-child.mjs JSON   (see 49-batch-cost.test.mjs)
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Differ } from 'sealdiff'

const {
  kind,
  inputs = 'bytes',
  options,
  files,
  count,
  maxMemoryBytes,
  concurrency,
  pauseMs = 0,
  consumerPauseMs = 0,
} = JSON.parse(process.argv[2])
const documents = files.map((file) => readFileSync(file))
const differ = new Differ({ maxMemoryBytes, concurrency })

/** A pair has inputs of its own, as if they had been read from somewhere. */
const PAIRS = {
  bytes(key) {
    const [oldCopy, newCopy] = documents.map((document) => Buffer.from(document))
    newCopy[1000 + key] ^= 1
    return { old: oldCopy, new: newCopy }
  },
  json: () => ({ old: Buffer.from(documents[0]), new: Buffer.from(documents[1]) }),
  values: () => ({ old: JSON.parse(documents[0]), new: JSON.parse(documents[1]) }),
}

async function* pairs() {
  for (let key = 0; key < count; key++) {
    if (pauseMs > 0) await sleep(pauseMs)
    yield { key, ...PAIRS[inputs](key) }
  }
}

/** What a first call allocates for good is not the batch's. */
await differ[kind](...documents, options)
const start = performance.now()
differ[`${kind}Sync`](...documents, options)
const syncMs = performance.now() - start
const before = residentBytes('VmRSS')
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
let [given, fulfilled] = [0, 0]
for await (const { status, key } of differ.batch(pairs(), kind, options)) {
  if (key !== given++) throw new Error(`result ${key} at ${given - 1}`)
  if (status === 'fulfilled') fulfilled++
  if (consumerPauseMs > 0) await sleep(consumerPauseMs)
}
delay.disable()
const grownBytes = residentBytes('VmHWM') - before
process.stdout.write(
  JSON.stringify({
    fulfilled,
    grownBytes,
    syncMs,
    p99Ms: delay.percentile(99) / 1e6,
    maxMs: delay.max / 1e6,
  }),
)

/** As the kernel counts: the peak, or what is now. */
function residentBytes(name) {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)[1]) * 1024
}
