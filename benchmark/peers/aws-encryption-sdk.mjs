// The AWS Encryption SDK for JavaScript with a raw AES keyring and cached data keys: no network, no signature,
// what it is quickest at. Its messages are bound to an encryption context and commit to their key.
import { findPeer } from '../find-peer.mjs'

const CACHED_KEYS = 1000
const MAX_AGE_MS = 3_600_000
/** The most that it allows: a data key serves for the whole run. */
const MAX_MESSAGES = 2 ** 32
const MAX_FRAME_LENGTH = 1 << 20

/**
 * @param {Buffer} key 32 bytes
 * @returns {Promise<{
 *   version: string, encrypt(data: Buffer): Promise<Buffer>, decrypt(message: Buffer): Promise<Buffer>,
 *   missing?: undefined,
 * } | { missing: { name: string, command: string } }>}
 */
export async function openAwsEncryptionSdk(key) {
  const { module, version, missing } = await findPeer('@aws-crypto/client-node')
  if (missing) return { missing }
  const { default: sdk } = module
  const { encrypt, decrypt } = sdk.buildClient({
    commitmentPolicy: sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  })
  const manager = cachingManager(sdk, key)
  const options = {
    suiteId: sdk.AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
    encryptionContext: { partition: 'partition' },
    frameLength: MAX_FRAME_LENGTH,
  }
  return {
    version,
    encrypt: async (data) =>
      (await encrypt(manager, data, { ...options, plaintextLength: data.length })).result,
    decrypt: async (message) => (await decrypt(manager, message)).plaintext,
  }
}

function cachingManager(sdk, unencryptedMasterKey) {
  const backingMaterials = new sdk.RawAesKeyringNode({
    keyNamespace: 'benchmark',
    keyName: 'key',
    unencryptedMasterKey: new Uint8Array(unencryptedMasterKey),
    wrappingSuite: sdk.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  })
  return new sdk.NodeCachingMaterialsManager({
    backingMaterials,
    cache: sdk.getLocalCryptographicMaterialsCache(CACHED_KEYS),
    partition: 'benchmark',
    maxAge: MAX_AGE_MS,
    maxMessagesEncrypted: MAX_MESSAGES,
  })
}
