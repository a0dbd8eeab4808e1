// The keys of a metastore, unwrapped with node:crypto alone.
import { spawnSync } from 'node:child_process'
import { createDecipheriv, createHmac } from 'node:crypto'

const READ_ROWS = `
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute('SELECT id, key_record FROM encryption_key')
json.dump(rows.fetchall(), sys.stdout)
`

/** Every key of service svc and product prod in a SQLite file: name → 32 bytes. */
export function keysOf(file, masterKey) {
  const { status, stdout } = spawnSync('python3', ['-c', READ_ROWS, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error('the metastore could not be read')
  const rows = JSON.parse(stdout).map(([id, record]) => ({ id, ...JSON.parse(record) }))
  const systemKeys = new Map()
  for (const { id, Created, Key } of rows.filter(({ id }) => id.startsWith('_SK_'))) {
    systemKeys.set(`${id} ${Created}`, unwrap(masterKey, Key))
  }
  const keys = new Map(systemKeys)
  for (const { id, Key, ParentKeyMeta } of rows.filter(({ id }) => id.startsWith('_IK_'))) {
    const partition = /^_IK_(.*)_svc_prod$/.exec(id)[1]
    const key = unwrap(systemKeys.get(`${ParentKeyMeta.KeyId} ${ParentKeyMeta.Created}`), Key)
    keys.set(`IK of ${partition}`, key)
    keys.set(`K_seal of ${partition}`, sealingKey(key, partition))
  }
  return keys
}

/** `ciphertext(32) ‖ tag(16) ‖ nonce(12)`, AES-256-GCM. */
function unwrap(parent, base64) {
  const blob = Buffer.from(base64, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', parent, blob.subarray(48))
  decipher.setAuthTag(blob.subarray(32, 48))
  return Buffer.concat([decipher.update(blob.subarray(0, 32)), decipher.final()])
}

/** The first block of HKDF-Expand-SHA-512 (docs/wire-format.md, section B). */
function sealingKey(key, partition) {
  const prefixed = (text) => {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(Buffer.byteLength(text))
    return Buffer.concat([length, Buffer.from(text)])
  }
  const context = ['svc', 'prod', partition, ''].map(prefixed)
  const hmac = createHmac('sha512', key).update('sealdiff/v1 seal\0')
  return hmac
    .update(Buffer.concat([...context, Buffer.of(1)]))
    .digest()
    .subarray(0, 32)
}
