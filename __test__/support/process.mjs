// The jobs of the child processes that 52-processes.test.mjs starts; each answers by messages.
import { once } from 'node:events'
import process from 'node:process'
import { SessionFactory } from 'sealdiff'
import { options } from './factory.mjs'

const { job, metastore, handle, records } = JSON.parse(process.argv[2])
const send = (message) => new Promise((resolve) => process.send(message, resolve))
const open = () => SessionFactory.open(options({ metastore }))

const jobs = {
  /** Waits for all others, then makes the first key. */
  async race() {
    const factory = await open()
    await send('ready')
    await once(process, 'message')
    const session = factory.session('p')
    await send({ text: await session.encrypt('x'), sealed: base64(await session.seal('x')) })
    await factory.close()
  },

  /** Makes a key for one partition after the other until it is killed. */
  async storeForEver() {
    const factory = await open()
    for (let i = 0; ; i++) {
      const partition = `of ${process.pid}, ${i}`
      await send({ partition, sealed: base64(await factory.session(partition).seal(partition)) })
    }
  },

  /** Reads what others wrote; names the partitions whose records it can't read. */
  async read() {
    const factory = await open()
    const failures = []
    for (const { partition, text, sealed, data = partition } of records ?? (await sentRecords())) {
      const session = factory.session(partition)
      const found = []
      try {
        if (text) found.push(await session.decryptString(text))
        if (sealed) found.push(await session.unsealString(Buffer.from(sealed, 'base64')))
      } catch (error) {
        found.push(error.code)
      }
      if (found.length === 0 || found.some((each) => each !== data))
        failures.push({ partition, found })
    }
    await factory.close()
    await send({ failures })
  },

  /** A forked process knows nothing of its parent's factories. */
  async forked() {
    let code
    try {
      SessionFactory.attach(handle)
    } catch (error) {
      code = error.code
    }
    const factory = await open()
    const sealed = base64(await factory.session('p').seal('p'))
    await factory.close()
    await send({ code, sealed })
  },
}

async function sentRecords() {
  await send('ready')
  const [records] = await once(process, 'message')
  return records
}

function base64(bytes) {
  return bytes.toString('base64')
}

await jobs[job]()
process.disconnect()
