// Records of one partition with warm keys: beside bare node:crypto, beside the same envelope in plain JS, and
// beside the AWS Encryption SDK where it is installed.
import assert from 'node:assert/strict'
import { randomBytes, randomFillSync } from 'node:crypto'
import { MASTER_KEY, openFactory, rowOf } from './factory.mjs'
import * as aws from './peers/aws-encryption-sdk.mjs'
import { nodeDecrypt, nodeEncrypt, formula as nodeFormula } from './peers/node-crypto.mjs'
import {
  PlainEnvelope,
  formula as plainFormula,
  unwrapIntermediateKey,
} from './peers/plain-envelope.mjs'

const SIZES = { '64 B': 64, '1 KiB': 1024, '64 KiB': 65_536, '1 MiB': 1 << 20 }

/** Of each: the method that writes, and the one that reads. */
const FORMATS = [
  ['seal', 'unseal'],
  ['encrypt', 'decrypt'],
]

/** What a case's ratio to its yardstick should be at most. */
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

export const formula = [nodeFormula, plainFormula, aws.formula].join('\n')

/** @returns {AsyncGenerator<import('./measure.mjs').Case | { name: string, missing: string }>} */
export async function* cases() {
  const { factory, rows } = await openFactory()
  const session = factory.session('partition')
  await session.warm()
  const plain = plainEnvelope(rows)
  const sdk = await aws.openAwsEncryptionSdk(randomBytes(32))
  const sizes = Object.entries(SIZES).map(([size, length]) => [
    size,
    randomFillSync(Buffer.alloc(length)),
  ])
  for (const [size, data] of sizes) yield* besideNodeCrypto(session, size, data)
  for (const [size, data] of sizes) yield* besidePlainJs(session, plain, size, data)
  if (sdk === undefined) yield { name: 'AWS SDK', missing: `not installed: ${aws.INSTALL}` }
  else for (const [size, data] of sizes) yield* besideAws(session, sdk, size, data)
  await factory.close()
}

/** With the key that the session uses, so that each can read what the other wrote. */
function plainEnvelope(rows) {
  const id = '_IK_partition_benchmark_sealdiff'
  const { key, meta } = unwrapIntermediateKey(MASTER_KEY, (...name) => rowOf(rows, ...name), id)
  return new PlainEnvelope(key, meta)
}

function* besideNodeCrypto(session, size, data) {
  const key = randomBytes(32)
  const theirs = nodeEncrypt(key, data)
  const writing = side('node:crypto encrypt', () => nodeEncrypt(key, data))
  const reading = side('node:crypto decrypt', () => nodeDecrypt(key, theirs))
  for (const [write, read] of FORMATS) {
    const record = session[`${write}Sync`](data)
    for (const form of ['Sync', '']) {
      const checked = async (ours) => {
        assert.deepEqual(nodeDecrypt(key, nodeEncrypt(key, data)), data)
        assert.deepEqual(await session[read + form](await ours), data)
      }
      yield pair(`${write}${form} ${size}`, LIMITS, {
        ours: side(write + form, () => session[write + form](data)),
        yardstick: writing,
        check: () => checked(session[write + form](data)),
      })
      yield pair(`${read}${form} ${size}`, LIMITS, {
        ours: side(read + form, () => session[read + form](record)),
        yardstick: reading,
        check: () => checked(record),
      })
    }
  }
}

function* besidePlainJs(session, plain, size, data) {
  const [ours, theirs] = [session.encryptSync(data), plain.encrypt(data)]
  const check = () => {
    assert.deepEqual(session.decryptSync(plain.encrypt(data)), data)
    assert.deepEqual(plain.decrypt(session.encryptSync(data)), data)
    assert.deepEqual(plain.decrypt(plain.encrypt(data)), data)
  }
  yield pair(`encryptSync ${size}`, LIMITS_TO_PLAIN_JS, {
    ours: side('encryptSync', () => session.encryptSync(data)),
    yardstick: side('plain JS encrypt', () => plain.encrypt(data)),
    check,
  })
  yield pair(`decryptSync ${size}`, LIMITS_TO_PLAIN_JS, {
    ours: side('decryptSync', () => session.decryptSync(ours)),
    yardstick: side('plain JS decrypt', () => plain.decrypt(theirs)),
    check,
  })
}

function* besideAws(session, sdk, size, data) {
  let [ours, theirs] = [session.sealSync(data)]
  const check = async () => {
    theirs = await sdk.encrypt(data)
    assert.deepEqual(await sdk.decrypt(theirs), data)
    assert.deepEqual(await session.unseal(ours), data)
  }
  yield pair(
    `seal ${size}`,
    {},
    {
      ours: side('seal', () => session.seal(data)),
      yardstick: side('AWS SDK encrypt', () => sdk.encrypt(data)),
      check,
    },
  )
  yield pair(
    `unseal ${size}`,
    {},
    {
      ours: side('unseal', () => session.unseal(ours)),
      yardstick: side('AWS SDK decrypt', () => sdk.decrypt(theirs)),
      check,
    },
  )
}

function side(name, run) {
  return { name, run }
}

function pair(name, limits, sides) {
  return { name, limit: limits[name], ...sides }
}
