// Many records in one call beside as many calls, and streams beside a cipher of node:crypto in a pipeline.
import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { openFactory } from './factory.mjs'

const COUNT = 1000
const SIZES = { '64 B': 64, '1 KiB': 1024 }
const STREAM_MIB = 4
const CHUNK_LENGTH = 65_536

export const formula = `many = ${COUNT} records in one call, beside ${COUNT} calls; stream = ${STREAM_MIB} MiB in chunks of 64 KiB, beside Readable.from(chunks).pipe(createCipheriv('aes-256-gcm', …)), and back`

/** @returns {AsyncGenerator<import('./measure.mjs').Case | { name: string, missing: string }>} */
export async function* cases() {
  const { factory } = await openFactory()
  const session = factory.session('partition')
  await session.warm()
  for (const [size, length] of Object.entries(SIZES)) {
    const items = Array.from({ length: COUNT }, () => randomBytes(length))
    yield* many(session, 'seal', 'unseal', `${COUNT} × ${size}`, items)
    yield* many(session, 'encrypt', 'decrypt', `${COUNT} × ${size}`, items)
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
  const name = `${method} ${size}`
  if (typeof session[method] !== 'function') {
    yield missing(name, method)
    return
  }
  const oneByOne = () => items.map((item) => session[`${one}Sync`](item))
  yield {
    name,
    ours: { name: method, run: () => session[method](items) },
    yardstick: { name: `${one}Sync × ${items.length}`, run: oneByOne },
    check: async () => {
      const made = await session[method](items)
      assert.equal(made.length, items.length)
      await check(made)
      await check(oneByOne())
    },
  }
}

function* streams(session) {
  if (typeof session.sealStream !== 'function') {
    yield missing('sealStream, unsealStream', 'sealStream')
    return
  }
  const data = randomBytes(STREAM_MIB << 20)
  const [key, nonce] = [randomBytes(32), randomBytes(12)]
  const cipher = () => createCipheriv('aes-256-gcm', key, nonce)
  const sealing = () => piped(data, session.sealStream())
  const encrypting = () => drain(Readable.from(chunksOf(data)).pipe(cipher()))
  let sealed
  let encrypted
  yield {
    name: `sealStream ${STREAM_MIB} MiB`,
    ours: { name: 'sealStream', run: sealing },
    yardstick: { name: 'createCipheriv', run: encrypting },
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
    name: `unsealStream ${STREAM_MIB} MiB`,
    ours: { name: 'unsealStream', run: unsealing },
    yardstick: { name: 'createDecipheriv', run: decrypting },
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

function missing(name, method) {
  return { name, missing: `not measured: this build's Session has no ${method}` }
}
