// Key rows made without sealdiff, as another program would write them.
import { createCipheriv, randomBytes } from 'node:crypto'
import { MASTER_KEY } from './factory.mjs'

/** A key of `id` under the key `parent` (or the master key): its secret and its row. */
export function newKey(id, created, parent) {
  const secret = randomBytes(32)
  const record = { Created: created, Key: wrapped(parent?.secret ?? MASTER_KEY, secret) }
  if (parent) record.ParentKeyMeta = { KeyId: parent.id, Created: parent.created }
  return { id, created, secret, record: JSON.stringify(record) }
}

/** The statement that stores such a key. */
export function insert({ id, created, record }) {
  const time = new Date(created * 1000).toISOString().slice(0, 19).replace('T', ' ')
  const values = [id, time, record].map((text) => `'${text.replaceAll("'", "''")}'`)
  return `INSERT INTO encryption_key (id, created, key_record) VALUES (${values.join(', ')});`
}

/** A full minute, this long ago, in Unix seconds. */
export function minutesAgo(minutes) {
  const now = Math.floor(Date.now() / 60_000)
  return (now - minutes) * 60
}

function wrapped(key, secret) {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()])
  return Buffer.concat([ciphertext, cipher.getAuthTag(), nonce]).toString('base64')
}
