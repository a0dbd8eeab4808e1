// The same envelope in plain JS on node:crypto: Asherah's DataRowRecord, a data row key per record, wrapped under
// a partition's intermediate key that is at hand in memory. What it writes, sealdiff reads, and the other way
// round. It looks up no key, checks no policy and erases nothing: the least that a program of one's own would do.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const KEY_LENGTH = 32
const NONCE_LENGTH = 12
const TAG_LENGTH = 16

/** The envelope of one partition. */
export class PlainEnvelope {
  #key
  #meta

  /** @param {Buffer} key the intermediate key @param {{ KeyId: string, Created: number }} meta its name */
  constructor(key, meta) {
    this.#key = key
    this.#meta = meta
  }

  /** @param {Uint8Array} data @returns {string} a DataRowRecord */
  encrypt(data) {
    const dataRowKey = randomBytes(KEY_LENGTH)
    return JSON.stringify({
      Key: {
        Created: Math.floor(Date.now() / 1000),
        Key: encryptBlob(this.#key, dataRowKey).toString('base64'),
        ParentKeyMeta: this.#meta,
      },
      Data: encryptBlob(dataRowKey, data).toString('base64'),
    })
  }

  /** @param {string} record @returns {Buffer} */
  decrypt(record) {
    const { Key, Data } = JSON.parse(record)
    const { KeyId, Created } = Key.ParentKeyMeta
    if (KeyId !== this.#meta.KeyId || Created !== this.#meta.Created) {
      throw new Error('the record names another key')
    }
    const dataRowKey = decryptBlob(this.#key, Buffer.from(Key.Key, 'base64'))
    return decryptBlob(dataRowKey, Buffer.from(Data, 'base64'))
  }
}

/**
 * The newest intermediate key of a partition, unwrapped from the rows of a metastore.
 *
 * @param {Buffer} masterKey
 * @param {(id: string, created?: number) => string} row the record of a key; its newest without `created`
 * @param {string} id of the intermediate key
 */
export function unwrapIntermediateKey(masterKey, row, id) {
  const intermediate = JSON.parse(row(id))
  const { KeyId, Created } = intermediate.ParentKeyMeta
  const system = JSON.parse(row(KeyId, Created))
  const systemKey = decryptBlob(masterKey, Buffer.from(system.Key, 'base64'))
  const key = decryptBlob(systemKey, Buffer.from(intermediate.Key, 'base64'))
  return { key, meta: { KeyId: id, Created: intermediate.Created } }
}

/** @returns {Buffer} `ciphertext ‖ tag ‖ nonce` */
function encryptBlob(key, data) {
  const nonce = randomBytes(NONCE_LENGTH)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag(), nonce])
}

function decryptBlob(key, blob) {
  const nonceAt = blob.length - NONCE_LENGTH
  const tagAt = nonceAt - TAG_LENGTH
  const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(nonceAt))
  decipher.setAuthTag(blob.subarray(tagAt, nonceAt))
  return Buffer.concat([decipher.update(blob.subarray(0, tagAt)), decipher.final()])
}
