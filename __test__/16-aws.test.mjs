// DynamoDB and AWS KMS through the public API, over moto; what was written is read back without any of our code.
import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { SessionFactory } from 'sealdiff'
import { coded, openFactory, options } from './support/factory.mjs'
import { SECRET, shown } from './support/hostile.mjs'
import { call, motoIsMissing, startMoto, startRegion } from './support/moto.mjs'

const [WEST, EAST] = ['us-west-2', 'us-east-1']
const TABLE = 'keys'

/** Two regions of KMS and a DynamoDB, each a server that can be stopped alone. */
async function startAws(t) {
  const [west, east, store] = await Promise.all([
    startRegion(t, WEST),
    startRegion(t, EAST),
    startMoto(t),
  ])
  const metastore = `dynamodb://${TABLE}?region=${WEST}&endpoint=${store.endpoint}`
  const kms = {
    type: 'aws',
    regions: { [WEST]: west.arn, [EAST]: east.arn },
    preferredRegion: WEST,
    endpoint: { [WEST]: west.endpoint, [EAST]: east.endpoint },
  }
  return { west, east, store, given: { metastore, kms, createTable: true } }
}

/** Asherah's blob: ciphertext, tag, nonce. */
function unwrap(key, blob) {
  const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(-12))
  decipher.setAuthTag(blob.subarray(-28, -12))
  return Buffer.concat([decipher.update(blob.subarray(0, -28)), decipher.final()])
}

function wrap(key, plaintext) {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([ciphertext, cipher.getAuthTag(), nonce])
}

const base64 = (text) => Buffer.from(text, 'base64')

test('records outlive the factory that wrote them, and the loss of a region', {
  skip: motoIsMissing,
}, async (t) => {
  const { west, given } = await startAws(t)
  const first = await openFactory(t, given)
  const record = await first.session('a').seal('of a')
  const encrypted = await first.session('b').encrypt('of b')
  await first.close()
  await west.stop()
  const second = await openFactory(t, given)
  assert.equal(await second.session('a').unsealString(record), 'of a')
  assert.equal(await second.session('b').decryptString(encrypted), 'of b')
  assert.equal(second.stats().metastoreStores, 0)
  const third = await openFactory(t, { ...given, serviceId: 'another' })
  const later = await third.session('a').seal('made by one region')
  assert.equal(await third.session('a').unsealString(later), 'made by one region')
})

test('without any region each one’s failure is told', { skip: motoIsMissing }, async (t) => {
  const { west, east, given } = await startAws(t)
  const factory = await openFactory(t, given)
  await Promise.all([west.stop(), east.stop()])
  for (const failing of [() => factory.session('a').seal('x'), () => factory.ping()]) {
    await assert.rejects(failing(), (error) => {
      assert.deepEqual([error.code, error.retryable], ['ERR_KMS_UNAVAILABLE', true])
      assert.deepEqual(
        error.cause.errors.map(({ message, code }) => [message, code]),
        [
          ['us-west-2 failed: the connection failed', undefined],
          ['us-east-1 failed: the connection failed', undefined],
        ],
      )
      assert.ok(!shown(error).includes('Zauberwort'))
      return true
    })
  }
  await assert.rejects(SessionFactory.open(options(given)), coded('ERR_KMS_UNAVAILABLE'))
})

test('rows and blobs have the layout of Asherah', { skip: motoIsMissing }, async (t) => {
  const { east, store, given } = await startAws(t)
  const factory = await openFactory(t, {
    ...given,
    metastore: `${given.metastore}&regionSuffix=true`,
  })
  const dataRow = JSON.parse(await factory.session('p1').encrypt('plain'))
  const scan = { TableName: TABLE, ConsistentRead: true }
  const { Items } = await call(store.endpoint, WEST, 'DynamoDB_20120810.Scan', scan)
  const [ik, sk] = Items.sort((a, b) => (a.Id.S < b.Id.S ? -1 : 1))
  assert.deepEqual([ik.Id.S, sk.Id.S], ['_IK_p1_svc_prod_us-west-2', '_SK_svc_prod_us-west-2'])
  assert.deepEqual(Object.keys(sk).sort(), ['Created', 'Id', 'KeyRecord'])
  assert.deepEqual(Object.keys(sk.KeyRecord.M).sort(), ['Created', 'Key'])
  assert.deepEqual(ik.KeyRecord.M.ParentKeyMeta, { M: { KeyId: sk.Id, Created: sk.Created } })
  assert.deepEqual(dataRow.Key.ParentKeyMeta, { KeyId: ik.Id.S, Created: Number(ik.Created.N) })

  const text = base64(sk.KeyRecord.M.Key.S).toString()
  const blob = JSON.parse(text)
  assert.deepEqual(Object.keys(blob), ['encryptedKey', 'kmsKeks'])
  assert.deepEqual(
    blob.kmsKeks.map(({ region, arn }) => [region, arn]),
    Object.entries(given.kms.regions),
  )
  assert.deepEqual(Object.keys(blob.kmsKeks[1]), ['region', 'arn', 'encryptedKek'])
  assert.equal(JSON.stringify(blob), text)
  const decrypted = await call(east.endpoint, EAST, 'TrentService.Decrypt', {
    KeyId: east.arn,
    CiphertextBlob: blob.kmsKeks[1].encryptedKek,
  })
  const systemKey = unwrap(base64(decrypted.Plaintext), base64(blob.encryptedKey))
  const intermediateKey = unwrap(systemKey, base64(ik.KeyRecord.M.Key.S))
  const dataRowKey = unwrap(intermediateKey, base64(dataRow.Key.Key))
  assert.equal(unwrap(dataRowKey, base64(dataRow.Data)).toString(), 'plain')
})

test('a system key that another implementation wrote is used', {
  skip: motoIsMissing,
}, async (t) => {
  const { west, store, given } = await startAws(t)
  await (await SessionFactory.open(options(given))).close()
  const dataKey = await call(west.endpoint, WEST, 'TrentService.GenerateDataKey', {
    KeyId: west.arn,
    KeySpec: 'AES_256',
  })
  const systemKey = randomBytes(32)
  const blob = {
    kmsKeks: [{ encryptedKek: dataKey.CiphertextBlob, arn: west.arn, region: 'US-WEST-2' }],
    encryptedKey: wrap(base64(dataKey.Plaintext), systemKey).toString('base64'),
  }
  const created = { N: String(Math.floor(Date.now() / 60_000) * 60) }
  const key = Buffer.from(JSON.stringify(blob)).toString('base64')
  await call(store.endpoint, WEST, 'DynamoDB_20120810.PutItem', {
    TableName: TABLE,
    Item: {
      Id: { S: '_SK_svc_prod' },
      Created: created,
      KeyRecord: { M: { Key: { S: key }, Created: created, Revoked: { BOOL: false } } },
    },
  })
  const factory = await openFactory(t, given)
  const record = await factory.session('p1').encrypt('x')
  assert.equal(await factory.session('p1').decryptString(record), 'x')
  assert.deepEqual([factory.stats().metastoreStores, factory.stats().kmsEncrypts], [1, 0])
})

test('a missing table is an error, and is not made unasked', { skip: motoIsMissing }, async (t) => {
  const { given } = await startAws(t)
  const opening = () => SessionFactory.open(options({ ...given, createTable: false }))
  await assert.rejects(opening(), coded('ERR_METASTORE_UNAVAILABLE', { retryable: false }))
  await assert.rejects(opening(), coded('ERR_METASTORE_UNAVAILABLE'))
})

const ARN = 'arn:aws:kms:us-west-2:111122223333:key/k'
const EAST_ARN = ARN.replace(WEST, EAST)
const REGIONS = { [WEST]: ARN, [EAST]: EAST_ARN }

for (const [kms, argument] of [
  [{}, 'kms.regions'],
  [{ regions: [ARN] }, 'kms.regions'],
  [{ regions: {} }, 'kms.regions'],
  [{ regions: { [WEST]: 1 } }, 'kms.regions'],
  [{ regions: { [WEST]: SECRET } }, 'kms.regions'],
  [{ regions: { [EAST]: ARN } }, 'kms.regions'],
  [{ regions: { [SECRET]: ARN } }, 'kms.regions'],
  [{ regions: REGIONS }, 'kms.preferredRegion'],
  [{ regions: REGIONS, preferredRegion: 'eu-west-1' }, 'kms.preferredRegion'],
  [{ regions: REGIONS, preferredRegion: 1 }, 'kms.preferredRegion'],
  [{ regions: REGIONS, preferredRegion: WEST, minRegions: 3 }, 'kms.minRegions'],
  [{ regions: REGIONS, preferredRegion: WEST, minRegions: 0 }, 'kms.minRegions'],
  [{ regions: REGIONS, preferredRegion: WEST, minRegions: '2' }, 'kms.minRegions'],
  [{ regions: { [WEST]: ARN }, endpoint: SECRET }, 'kms.endpoint'],
  [{ regions: { [WEST]: ARN }, endpoint: 1 }, 'kms.endpoint'],
  [{ regions: { [WEST]: ARN }, endpoint: { [EAST]: 'http://h' } }, 'kms.endpoint'],
  [{ regions: { [WEST]: ARN }, endpoint: { [WEST]: `https://u:${SECRET}@h` } }, 'kms.endpoint'],
  [{ regions: { [WEST]: ARN }, key: SECRET }, 'kms.key'],
  [{ regions: { [WEST]: ARN }, region: WEST }, 'kms.region'],
]) {
  test(`refuses by name: kms of ${JSON.stringify(kms).replaceAll(SECRET, 'a secret')}`, async () => {
    const opening = SessionFactory.open(options({ kms: { type: 'aws', ...kms } }))
    await assert.rejects(opening, (error) => {
      assert.match(error.code, /^ERR_INVALID_ARG_(TYPE|VALUE)$/)
      assert.ok(error.message.startsWith(`${argument} `), error.message)
      assert.ok(!shown(error).includes(SECRET), error.message)
      return true
    })
  })
}

for (const metastore of [
  'dynamodb:keys',
  'dynamodb://keys/x',
  'dynamodb://?region=us_west_2',
  'dynamodb://?region=us-west-2&endpoint=nowhere',
  'dynamodb://?region=us-west-2&regionSuffix=yes',
  'dynamodb://?region=us-west-2&secretAccessKey=x',
  { url: 'dynamodb://keys?region=us-west-2', table: 'others' },
  { url: 'dynamodb://?region=us-west-2', table: 'a b' },
  { url: 'dynamodb://?region=us-west-2', pool: { maxConnections: 1 } },
  { url: 'dynamodb://?region=us-west-2', tls: { ca: 'x' } },
]) {
  test(`refuses the metastore ${JSON.stringify(metastore)}`, async () => {
    await assert.rejects(SessionFactory.open(options({ metastore })), (error) => {
      assert.equal(error.code, 'ERR_INVALID_ARG_VALUE')
      assert.match(error.message, /^metastore /)
      return true
    })
  })
}
