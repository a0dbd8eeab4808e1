// A process whose memory a test reads: seals and encrypts for many partitions, then idles until its
// input ends. Says what it did as one line of JSON.
import { SessionFactory } from 'sealdiff'

const { partitions, planted, options } = JSON.parse(process.argv[2])
const DATA = Buffer.from('a record of no interest')
const AT_ONCE = 50

process.on('warning', ({ code }) => warnings.push(code))
const warnings = []
// Written as another value: the pattern itself must be nowhere else.
const plant = Buffer.alloc(32)
Buffer.from(planted, 'hex').forEach((byte, at) => {
  plant[at] = byte ^ 0xff
})

const outcome = await SessionFactory.open({
  serviceId: 'svc',
  productId: 'prod',
  ...options,
  kms: { type: 'static', key: Buffer.from(process.env.MASTER_KEY, 'hex') },
}).then(run, (error) => ({ code: error.code, hint: error.hint, cause: error.cause?.message }))
// Warnings are emitted on the next tick.
await new Promise((resolve) => setImmediate(resolve))
console.log(JSON.stringify({ ...outcome, warnings }))
process.stdin.resume()

async function run(factory) {
  for (let first = 0; first < partitions; first += AT_ONCE) {
    const some = Math.min(AT_ONCE, partitions - first)
    await Promise.all(Array.from({ length: some }, (_, n) => use(factory, `p${first + n}`)))
  }
  // As a service would go on: each kind of call once more, on the keys in memory.
  for (let n = 0; n < partitions; n += 7) await use(factory, `p${n}`)
  return { stats: factory.stats() }
}

async function use(factory, partition) {
  const session = factory.session(partition)
  const sealed = await session.seal(DATA)
  const encrypted = session.encryptSync(DATA)
  const opened = [await session.unseal(sealed), session.decryptSync(encrypted)]
  if (!opened.every((data) => data.equals(DATA))) throw new Error('read something else')
}

// Keeps the pattern in memory to the end.
process.once('exit', () => plant.fill(0))
