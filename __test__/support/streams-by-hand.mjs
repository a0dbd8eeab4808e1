// Sealed streams with node:crypto alone, after docs/wire-format.md, section C: an implementation that shares no
// code with the one it tests.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

const CHUNK = 16_384
const TAG = 16
const MAGIC = 0xd2

/** HKDF-Expand-SHA-512 (RFC 5869). */
function expand(key, info, length) {
  const blocks = []
  let block = Buffer.alloc(0)
  for (let i = 1; blocks.length * 64 < length; i++) {
    block = createHmac('sha512', key).update(block).update(info).update(Buffer.of(i)).digest()
    blocks.push(block)
  }
  return Buffer.concat(blocks).subarray(0, length)
}

function prefixed(text) {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text)])
}

/** What belongs to one message: its key, base nonce and commitment. */
function messageOf({ ik, service, product, partition, suffix = '' }, salt, header, additionalData) {
  const context = [service, product, partition, suffix].map(prefixed)
  const label = Buffer.from('sealdiff/v1 stream\0')
  const streamKey = expand(ik, Buffer.concat([label, ...context]), 32)
  const name = Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0')
  const output = expand(streamKey, Buffer.concat([name, salt, header, additionalData]), 76)
  return {
    key: output.subarray(0, 32),
    baseNonce: output.subarray(32, 44),
    commitment: output.subarray(44),
  }
}

function nonceOf({ baseNonce }, index) {
  const nonce = Buffer.from(baseNonce)
  nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ BigInt(index), 4)
  return nonce
}

/** The sealed stream of some data, under a key that was created at `created`. */
export function sealByHand(place, created, data, additionalData = '') {
  const suffix = Buffer.from(place.suffix ?? '')
  const header = Buffer.alloc(6 + suffix.length)
  header[0] = MAGIC
  header[1] = suffix.length
  header.writeUInt32BE(created, 2)
  suffix.copy(header, 6)
  const salt = randomBytes(24)
  const message = messageOf(place, salt, header, Buffer.from(additionalData))
  const chunks = []
  for (let index = 0; index * CHUNK <= data.length; index++) {
    const cipher = createCipheriv('aes-256-gcm', message.key, nonceOf(message, index))
    const chunk = data.subarray(index * CHUNK, (index + 1) * CHUNK)
    chunks.push(cipher.update(chunk), cipher.final(), cipher.getAuthTag())
  }
  return Buffer.concat([header, salt, message.commitment, ...chunks])
}

/** The data of a sealed stream. */
export function unsealByHand(place, stream, additionalData = '') {
  const headerLength = 6 + stream[1]
  if (stream[0] !== MAGIC) throw new Error('no stream')
  const header = stream.subarray(0, headerLength)
  const salt = stream.subarray(headerLength, headerLength + 24)
  const message = messageOf(place, salt, header, Buffer.from(additionalData))
  const chunksAt = headerLength + 24 + 32
  if (!message.commitment.equals(stream.subarray(headerLength + 24, chunksAt))) {
    throw new Error('another key or context')
  }
  const data = []
  for (let index = 0, at = chunksAt; ; index++, at += CHUNK + TAG) {
    const chunk = stream.subarray(at, at + CHUNK + TAG)
    if (chunk.length < TAG) throw new Error('truncated')
    const decipher = createDecipheriv('aes-256-gcm', message.key, nonceOf(message, index))
    decipher.setAuthTag(chunk.subarray(-TAG))
    data.push(decipher.update(chunk.subarray(0, -TAG)), decipher.final())
    if (chunk.length < CHUNK + TAG) return Buffer.concat(data)
  }
}
