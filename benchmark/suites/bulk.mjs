// Many records in one call beside as many calls, and streams beside a cipher of node:crypto in a pipeline.
import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { openFactory } from '../factory.mjs'

const COUNT = 1000
const SIZES = { '64 B': 64, '1 KiB': 1024 }
/** Under --quick: of these sizes, and of one of the two formats. */
const QUICK_SIZES = 1
const STREAM_MIB = 4
const CHUNK_LENGTH = 65_536

export const suite = 'envelope'
export const title = 'Many records, and streams'
export const about = `${COUNT} records in one call beside ${COUNT} calls one by one, and streams of ${STREAM_MIB} MiB in chunks of 64 KiB beside a cipher of node:crypto in a pipeline.`

const MANY = `${COUNT} records in one call, beside ${COUNT} calls`
const STREAMS = `${STREAM_MIB} MiB as a stream, beside a cipher of node:crypto in a pipeline`
const CIPHER = { name: 'node:crypto', version: process.versions.node }

/** @param {{ quick: boolean }} context */
export async function* cases({ quick }) {
  const { factory } = await openFactory()
  const session = factory.session('partition')
  await session.warm()
  for (const [size, length] of Object.entries(SIZES).slice(0, quick ? QUICK_SIZES : undefined)) {
    const items = Array.from({ length: COUNT }, () => randomBytes(length))
    yield* many(session, 'seal', 'unseal', size, items)
    if (!quick) yield* many(session, 'encrypt', 'decrypt', size, items)
  }
  yield* streams(session)
  await factory.close()
}

function* many(session, write, read, size, items) {
  const records = items.map((item) => session[`${write}Sync`](item))
  yield* manyOf(session, write, size, items, async (made) => {
    for (const [i, record] of made.entries())
      assert.deepEqual(await session[read](record), items[i])
  })
  yield* manyOf(session, read, size, records, (made) => assert.deepEqual(made, items))
}

function* manyOf(session, one, size, items, check) {
  const method = `${one}Many`
  const oneByOne = () => items.map((item) => session[`${one}Sync`](item))
  yield {
    group: MANY,
    name: `${method} ${size}`,
    peer: { name: `${one}Sync, ${COUNT} calls`, own: true },
    per: COUNT,
    ours: () => session[method](items),
    theirs: oneByOne,
    check: async () => {
      const made = await session[method](items)
      assert.equal(made.length, items.length)
      await check(made)
      await check(oneByOne())
    },
  }
}

function* streams(session) {
  const data = randomBytes(STREAM_MIB << 20)
  const [key, nonce] = [randomBytes(32), randomBytes(12)]
  const cipher = () => createCipheriv('aes-256-gcm', key, nonce)
  const sealing = () => piped(data, session.sealStream())
  const encrypting = () => drain(Readable.from(chunksOf(data)).pipe(cipher()))
  let sealed
  let encrypted
  yield {
    group: STREAMS,
    name: 'sealStream',
    peer: CIPHER,
    ours: sealing,
    theirs: encrypting,
    check: async () => {
      sealed = await sealing()
      encrypted = { data: await encrypting(), tag: tagOf(cipher(), data) }
    },
  }
  const unsealing = () => piped(sealed, session.unsealStream())
  const decrypting = () => {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(encrypted.tag)
    return drain(Readable.from(chunksOf(encrypted.data)).pipe(decipher))
  }
  yield {
    group: STREAMS,
    name: 'unsealStream',
    peer: CIPHER,
    ours: unsealing,
    theirs: decrypting,
    check: async () => {
      assert.deepEqual(await unsealing(), data)
      assert.deepEqual(await decrypting(), data)
    },
  }
}

function piped(data, transform) {
  return drain(ReadableStream.from(chunksOf(data)).pipeThrough(transform))
}

async function drain(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function chunksOf(data) {
  return Array.from({ length: Math.ceil(data.length / CHUNK_LENGTH) }, (_, i) =>
    data.subarray(i * CHUNK_LENGTH, (i + 1) * CHUNK_LENGTH),
  )
}

function tagOf(cipher, data) {
  cipher.update(data)
  cipher.final()
  return cipher.getAuthTag()
}
