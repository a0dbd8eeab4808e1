// Bare node:crypto AES-256-GCM: a random nonce, one key, everything joined in one Buffer. No key hierarchy, no
// additional data, no rotation: less than an envelope does.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const NONCE_LENGTH = 12
const TAG_LENGTH = 16

/** @param {Buffer} key @param {Uint8Array} data @returns {Buffer} `nonce ‖ ciphertext ‖ tag` */
export function nodeEncrypt(key, data) {
  const nonce = randomBytes(NONCE_LENGTH)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(data), cipher.final(), cipher.getAuthTag()])
}

/** @param {Buffer} key @param {Buffer} record @returns {Buffer} */
export function nodeDecrypt(key, record) {
  const tagAt = record.length - TAG_LENGTH
  const decipher = createDecipheriv('aes-256-gcm', key, record.subarray(0, NONCE_LENGTH))
  decipher.setAuthTag(record.subarray(tagAt))
  return Buffer.concat([decipher.update(record.subarray(NONCE_LENGTH, tagAt)), decipher.final()])
}
