// The transit secrets engine: named keys with versions, AES-256-GCM inside.
// Behaviour: "Transit secrets engine (API)" (developer.hashicorp.com/vault/api-docs/secret/transit,
// openbao.org/api-docs/secret/transit): encrypt data, decrypt data, rotate key, update key configuration.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Refusal } from './replies.mjs'

const NONCE = 12
const TAG = 16
const TOO_OLD = 'ciphertext or signature version is disallowed by policy (too old)'

export class Transit {
  /** @type {Map<string, { versions: Buffer[], minDecryptionVersion: number }>} */ #keys = new Map()

  /** @param {string} name */
  has(name) {
    return this.#keys.has(name)
  }

  /** @param {string} name */
  create(name) {
    if (!this.has(name)) {
      this.#keys.set(name, { versions: [randomBytes(32)], minDecryptionVersion: 1 })
    }
  }

  /** @param {string} name */
  delete(name) {
    this.#keys.delete(name)
  }

  /** @param {string} name @returns {number} the newest version */
  rotate(name) {
    return this.#key(name).versions.push(randomBytes(32))
  }

  /** @param {string} name @param {number} version */
  setMinDecryptionVersion(name, version) {
    this.#key(name).minDecryptionVersion = version
  }

  /** @param {string} name @param {unknown} plaintext */
  encrypt(name, plaintext) {
    const { versions } = this.#key(name)
    const bytes = base64(plaintext)
    if (bytes === undefined) throw new Refusal(400, 'illegal base64 data at input byte 0')
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv('aes-256-gcm', versions[versions.length - 1], nonce)
    const sealed = Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
    return {
      ciphertext: `vault:v${versions.length}:${sealed.toString('base64')}`,
      key_version: versions.length,
    }
  }

  /** @param {string} name @param {unknown} ciphertext */
  decrypt(name, ciphertext) {
    if (typeof ciphertext !== 'string' || ciphertext === '') {
      throw new Refusal(400, 'missing ciphertext to decrypt')
    }
    const { versions, minDecryptionVersion } = this.#key(name)
    const [, digits, encoded] = /^vault:v([^:]*):(.*)$/.exec(ciphertext) ?? []
    if (digits === undefined) throw new Refusal(400, 'invalid ciphertext: no prefix')
    const version = /^\d+$/.test(digits) ? Number(digits) : Number.NaN
    if (Number.isNaN(version)) {
      throw new Refusal(400, 'invalid ciphertext: version number could not be decoded')
    }
    if (version > versions.length) throw new Refusal(400, 'invalid ciphertext: version is too new')
    if (version < minDecryptionVersion) throw new Refusal(400, TOO_OLD)
    const sealed = base64(encoded)
    if (sealed === undefined) throw new Refusal(400, 'invalid ciphertext: could not decode base64')
    return { plaintext: open(versions[Math.max(version, 1) - 1], sealed).toString('base64') }
  }

  /** @param {string} name */
  #key(name) {
    const key = this.#keys.get(name)
    if (key === undefined) throw new Refusal(400, 'encryption key not found')
    return key
  }
}

/** @param {Buffer} key @param {Buffer} sealed */
function open(key, sealed) {
  if (sealed.length < NONCE + TAG) throw new Refusal(400, 'invalid ciphertext length')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE))
  decipher.setAuthTag(sealed.subarray(-TAG))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()])
  } catch {
    throw new Refusal(400, 'cipher: message authentication failed')
  }
}

/** Padded standard base64, as Go decodes it. @param {unknown} text */
function base64(text) {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return text.length % 4 === 0 ? bytes : undefined
}
