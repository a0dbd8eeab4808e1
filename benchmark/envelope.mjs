// Records beside bare node:crypto AES-256-GCM with a random nonce, its output joined in one Buffer.
import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, randomBytes, randomFillSync } from 'node:crypto'
import { SessionFactory } from 'sealdiff'

const LENGTHS = { '64 B': 64, '1 KiB': 1024, '64 KiB': 65_536, '1 MiB': 1 << 20 }
const NONCE_LENGTH = 12
const TAG_LENGTH = 16

export const formula =
  'yardstick of records: concat(randomBytes(12), update(data), final(), getAuthTag()) of createCipheriv aes-256-gcm, and back'

/** @returns {AsyncGenerator<import('./measure.mjs').Case>} */
export async function* cases() {
  const factory = await SessionFactory.open({
    serviceId: 'benchmark',
    productId: 'sealdiff',
    metastore: 'memory:',
    kms: { type: 'static', key: randomBytes(32) },
  })
  const session = factory.session('partition')
  await session.warm()
  for (const [size, length] of Object.entries(LENGTHS)) {
    const data = randomFillSync(Buffer.alloc(length))
    yield* casesOf(session, size, data)
  }
  await factory.close()
}

function* casesOf(session, size, data) {
  const key = randomBytes(32)
  const sealed = session.sealSync(data)
  const encrypted = session.encryptSync(data)
  const theirs = nodeEncrypt(key, data)
  const encrypt = { name: 'node:crypto encrypt', run: () => nodeEncrypt(key, data) }
  const decrypt = { name: 'node:crypto decrypt', run: () => nodeDecrypt(key, theirs) }
  const reads = (record, read) => async () => {
    assert.deepEqual(await read(await record()), data)
    assert.deepEqual(nodeDecrypt(key, theirs), data)
  }
  const unseal = (record) => session.unseal(record)
  const pair = (name, run, yardstick, check) => ({
    name: `${name} ${size}`,
    ours: { name, run },
    yardstick,
    check,
  })

  yield pair(
    'sealSync',
    () => session.sealSync(data),
    encrypt,
    reads(() => session.sealSync(data), unseal),
  )
  yield pair(
    'unsealSync',
    () => session.unsealSync(sealed),
    decrypt,
    reads(
      () => sealed,
      (r) => session.unsealSync(r),
    ),
  )
  yield pair(
    'seal',
    () => session.seal(data),
    encrypt,
    reads(() => session.seal(data), unseal),
  )
  yield pair(
    'unseal',
    () => session.unseal(sealed),
    decrypt,
    reads(() => sealed, unseal),
  )
  const decryptSync = (record) => session.decryptSync(record)
  yield pair(
    'encryptSync',
    () => session.encryptSync(data),
    encrypt,
    reads(() => session.encryptSync(data), decryptSync),
  )
  yield pair(
    'decryptSync',
    () => session.decryptSync(encrypted),
    decrypt,
    reads(() => encrypted, decryptSync),
  )
  const decryptAsync = (record) => session.decrypt(record)
  yield pair(
    'encrypt',
    () => session.encrypt(data),
    encrypt,
    reads(() => session.encrypt(data), decryptAsync),
  )
  yield pair(
    'decrypt',
    () => session.decrypt(encrypted),
    decrypt,
    reads(() => encrypted, decryptAsync),
  )
}

function nodeEncrypt(key, data) {
  const nonce = randomBytes(NONCE_LENGTH)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(data), cipher.final(), cipher.getAuthTag()])
}

function nodeDecrypt(key, record) {
  const tagAt = record.length - TAG_LENGTH
  const decipher = createDecipheriv('aes-256-gcm', key, record.subarray(0, NONCE_LENGTH))
  decipher.setAuthTag(record.subarray(tagAt))
  return Buffer.concat([decipher.update(record.subarray(NONCE_LENGTH, tagAt)), decipher.final()])
}
