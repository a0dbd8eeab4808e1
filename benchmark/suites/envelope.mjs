// Records of one partition with warm keys: beside bare node:crypto, beside the same envelope in plain JS, and
// beside the AWS Encryption SDK where it is installed.
import assert from 'node:assert/strict'
import { randomBytes, randomFillSync } from 'node:crypto'
import { MASTER_KEY, openFactory, rowOf } from '../factory.mjs'
import { openAwsEncryptionSdk } from '../peers/aws-encryption-sdk.mjs'
import { nodeDecrypt, nodeEncrypt } from '../peers/node-crypto.mjs'
import { PlainEnvelope, unwrapIntermediateKey } from '../peers/plain-envelope.mjs'

export const title = 'Sealing and unsealing records'
export const about =
  'Envelope encryption of one record per call, its keys at hand, beside what a program would otherwise call: AES-256-GCM of node:crypto, the same envelope written in plain JS, the AWS Encryption SDK.'

const NODE = { name: 'node:crypto', version: process.versions.node }
const PLAIN = { name: 'plain JS on node:crypto', version: process.versions.node }
const NODE_DOES_LESS =
  'node:crypto: createCipheriv of aes-256-gcm under one key, a nonce of randomBytes(12), and nonce, output and tag joined in one Buffer. No hierarchy of keys, no additional data, no rotation.'
const PLAIN_DOES_LESS =
  'The plain JS writes the same records under the same keys; it looks up no key, checks no policy and erases nothing.'
const SDK_DOES_MORE =
  'The SDK with a raw AES keyring, cached data keys and no signature, which is its quickest; its messages also commit to their key.'

const SIZES = {
  '64 B': 64,
  '1 KiB': 1024,
  '64 KiB': 65_536,
  '1 MiB': 1 << 20,
  '16 MiB': 16 << 20,
}
/** Of the second only the headlines. */
const [QUICK_SIZE, QUICK_LARGE] = ['64 B', '1 MiB']

/** Of each: the method that writes, and the one that reads. */
const FORMATS = [
  ['seal', 'unseal'],
  ['encrypt', 'decrypt'],
]

const GROUPS = {
  seal: 'Records of our own format',
  encrypt: "Asherah's records (JSON)",
}

/** What a case's ratio to node:crypto should be at most. */
const LIMITS = {
  'sealSync 64 B': 0.35,
  'sealSync 1 KiB': 0.4,
  'sealSync 64 KiB': 0.5,
  'sealSync 1 MiB': 0.5,
  'unsealSync 64 B': 0.5,
  'unsealSync 1 KiB': 0.6,
  'unsealSync 64 KiB': 0.5,
  'unsealSync 1 MiB': 0.5,
  'seal 64 B': 0.6,
}
const LIMITS_TO_PLAIN_JS = { 'encryptSync 64 B': 0.07, 'encryptSync 1 MiB': 0.4 }

const HEADLINES = new Set(['sealSync 64 B', 'unsealSync 64 B', 'sealSync 1 MiB', 'seal 64 B'])

export async function* cases({ quick }) {
  const { factory, rows } = await openFactory()
  const session = factory.session('partition')
  await session.warm()
  const plain = plainEnvelope(rows)
  const sdk = await openAwsEncryptionSdk(randomBytes(32))
  const sizes = Object.entries(SIZES)
    .filter(([size]) => !quick || size === QUICK_SIZE || size === QUICK_LARGE)
    .map(([size, length]) => [size, randomFillSync(Buffer.alloc(length))])
  const peers = [
    (size, data) => besideNodeCrypto(session, size, data),
    (size, data) => besidePlainJs(session, plain, size, data),
    (size, data) => (sdk.missing ? [] : besideAws(session, sdk, size, data)),
  ]
  for (const beside of peers) {
    for (const [size, data] of sizes) {
      const isAll = !quick || size === QUICK_SIZE
      for (const subject of beside(size, data)) if (isAll || subject.headline) yield subject
    }
  }
  if (sdk.missing) yield { group: AWS, name: 'all sizes', missing: sdk.missing }
  await factory.close()
}

const AWS = 'Records of our own format, beside the AWS Encryption SDK'

/** With the key that the session uses, so that each can read what the other wrote. */
function plainEnvelope(rows) {
  const id = '_IK_partition_benchmark_sealdiff'
  const { key, meta } = unwrapIntermediateKey(MASTER_KEY, (...name) => rowOf(rows, ...name), id)
  return new PlainEnvelope(key, meta)
}

/** A group for each method, the sizes in it. */
function* besideNodeCrypto(session, size, data) {
  const key = randomBytes(32)
  const theirs = nodeEncrypt(key, data)
  const writing = () => nodeEncrypt(key, data)
  const reading = () => nodeDecrypt(key, theirs)
  for (const [write, read] of FORMATS) {
    const group = `${GROUPS[write]}, beside node:crypto`
    const record = session[`${write}Sync`](data)
    for (const form of ['Sync', '']) {
      const checked = async (ours) => {
        assert.deepEqual(nodeDecrypt(key, nodeEncrypt(key, data)), data)
        assert.deepEqual(await session[read + form](await ours), data)
      }
      const beside = (method, sides) =>
        besideNode({ group, name: `${method}${form} ${size}`, ...sides })
      yield beside(write, {
        ours: () => session[write + form](data),
        theirs: writing,
        check: () => checked(session[write + form](data)),
      })
      yield beside(read, {
        ours: () => session[read + form](record),
        theirs: reading,
        check: () => checked(record),
      })
    }
  }
}

function besideNode(subject) {
  return {
    ...subject,
    peer: NODE,
    limit: LIMITS[subject.name],
    headline: HEADLINES.has(subject.name),
    note: subject.name === 'sealSync 64 B' ? NODE_DOES_LESS : undefined,
  }
}

function* besidePlainJs(session, plain, size, data) {
  const [ours, theirs] = [session.encryptSync(data), plain.encrypt(data)]
  const check = () => {
    assert.deepEqual(session.decryptSync(plain.encrypt(data)), data)
    assert.deepEqual(plain.decrypt(session.encryptSync(data)), data)
    assert.deepEqual(plain.decrypt(plain.encrypt(data)), data)
  }
  const common = {
    group: `${GROUPS.encrypt}, beside the same in plain JS`,
    peer: PLAIN,
    check,
  }
  const [writing, reading] = [`encryptSync ${size}`, `decryptSync ${size}`]
  yield {
    ...common,
    name: writing,
    limit: LIMITS_TO_PLAIN_JS[writing],
    headline: size === '64 B',
    note: size === '64 B' ? PLAIN_DOES_LESS : undefined,
    ours: () => session.encryptSync(data),
    theirs: () => plain.encrypt(data),
  }
  yield {
    ...common,
    name: reading,
    ours: () => session.decryptSync(ours),
    theirs: () => plain.decrypt(theirs),
  }
}

function* besideAws(session, sdk, size, data) {
  const ours = session.sealSync(data)
  let theirs
  const check = async () => {
    theirs = await sdk.encrypt(data)
    assert.deepEqual(await sdk.decrypt(theirs), data)
    assert.deepEqual(await session.unseal(ours), data)
  }
  const common = { group: AWS, peer: { name: 'AWS Encryption SDK', version: sdk.version }, check }
  yield {
    ...common,
    name: `seal ${size}`,
    headline: size === '64 B',
    note: size === '64 B' ? SDK_DOES_MORE : undefined,
    ours: () => session.seal(data),
    theirs: () => sdk.encrypt(data),
  }
  yield {
    ...common,
    name: `unseal ${size}`,
    ours: () => session.unseal(ours),
    theirs: () => sdk.decrypt(theirs),
  }
}
