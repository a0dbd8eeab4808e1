// Key rows and records, exchanged with other implementations of Asherah over one DynamoDB and AWS KMS: moto's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MASTER_KEY, openFactory } from './support/factory.mjs'
import { call, motoIsMissing, startMoto } from './support/moto.mjs'
import { ask, PEERS, whyMissingPeer } from './support/peers.mjs'

const [WEST, EAST] = ['us-west-2', 'us-east-1']

/** The same key store and master keys, for the peer and for us. */
async function startPlace(t, { type, hasSuffix }) {
  const { endpoint } = await startMoto(t)
  const url = `dynamodb://?region=${WEST}&endpoint=${endpoint}&regionSuffix=${hasSuffix}`
  const settings = {
    Metastore: 'dynamodb',
    DynamoDBEndpoint: endpoint,
    DynamoDBRegion: WEST,
    DynamoDBTableName: 'EncryptionKey',
    EnableRegionSuffix: hasSuffix,
  }
  const open = (kms) => openFactory(t, { metastore: { url, createTable: true }, kms })
  const env = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: WEST }
  if (type === 'static') {
    return { where: { settings, env }, open: () => open({ type, key: MASTER_KEY }) }
  }
  const regions = {}
  for (const region of [WEST, EAST]) {
    const { KeyMetadata } = await call(endpoint, region, 'TrentService.CreateKey', {})
    regions[region] = KeyMetadata.Arn
  }
  Object.assign(settings, { KMS: 'aws', RegionMap: regions, PreferredRegion: EAST })
  return {
    where: { settings, env },
    open: () => open({ type, regions, preferredRegion: WEST, endpoint }),
  }
}

/** The peer in Go has no setting for the address of AWS KMS, and knows no variable for it. */
const CASES = [
  { peer: 'go', type: 'static', hasSuffix: false },
  { peer: 'go', type: 'static', hasSuffix: true },
  { peer: 'rust', type: 'static', hasSuffix: true },
  { peer: 'rust', type: 'aws', hasSuffix: false },
  { peer: 'rust', type: 'aws', hasSuffix: true },
]

for (const { peer, ...kind } of CASES) {
  const name = `${kind.type} keys, ${kind.hasSuffix ? 'with' : 'without'} region suffix`
  const skip = motoIsMissing || whyMissingPeer(peer)

  test(`keys of asherah ${PEERS[peer]} in DynamoDB are ours: ${name}`, { skip }, async (t) => {
    const { where, open } = await startPlace(t, kind)
    await (await open()).close()
    const [theirs] = await ask(peer, where, [{ partition: 'p1', data: 'of the peer' }])
    assert.equal(theirs.error, undefined)
    const factory = await open()
    const session = factory.session('p1')
    assert.equal(await session.decryptString(theirs.record), 'of the peer')
    const ours = await session.encrypt('ours')
    assert.equal(factory.stats().metastoreStores, 0)
    const [answer] = await ask(peer, where, [{ partition: 'p1', record: ours }])
    assert.deepEqual(answer, { data: 'ours' })
  })

  test(`our keys in DynamoDB are those of asherah ${PEERS[peer]}: ${name}`, { skip }, async (t) => {
    const { where, open } = await startPlace(t, kind)
    const session = (await open()).session('p1')
    const ours = await session.encrypt('ours')
    const [read, theirs] = await ask(peer, where, [
      { partition: 'p1', record: ours },
      { partition: 'p1', data: 'of the peer' },
    ])
    assert.deepEqual(read, { data: 'ours' })
    assert.deepEqual(
      JSON.parse(theirs.record).Key.ParentKeyMeta,
      JSON.parse(ours).Key.ParentKeyMeta,
    )
    assert.equal(await session.decryptString(theirs.record), 'of the peer')
  })
}
