'use strict'
// The option kms: read once, checked, and made what native code takes. One reader for each type.

const {
  isRecord,
  optionalInteger,
  optionalString,
  readByType,
  requireData,
  requireString,
} = require('./arguments.js')
const { kmsMethods } = require('./custom-backends.js')
const { invalidArgType, invalidArgValue } = require('./errors.js')
const { readVault, VAULT_OPTIONS } = require('./kms-vault-options.js')

/** @import { KmsArguments } from '../native.js' */

/**
 * What each type takes besides `type`, and how it is read.
 *
 * @type {Record<string, { names: string[], read: (options: Record<string, any>) => KmsArguments }>}
 */
const TYPES = {
  static: { names: ['key'], read: readStatic },
  aws: { names: ['regions', 'preferredRegion', 'minRegions', 'endpoint'], read: readAws },
  vault: { names: VAULT_OPTIONS, read: readVault },
}

/**
 * @param {unknown} kms options with a `type`, or an object with methods
 * @returns {KmsArguments}
 */
function readKms(kms) {
  if (typeof kms !== 'object' || kms === null) throw invalidArgType('kms', 'must be an object')
  if ('encryptKey' in kms || 'decryptKey' in kms) return { own: kmsMethods(kms) }
  return readByType(kms, 'kms', TYPES)
}

/** @param {Record<string, any>} options @returns {KmsArguments} */
function readStatic({ key }) {
  requireData('kms.key', key)
  return { staticKey: { key } }
}

const MAX_REGIONS = 100

/** @param {Record<string, any>} options @returns {KmsArguments} */
function readAws({ regions, preferredRegion, minRegions, endpoint }) {
  const arns = textsByRegion('kms.regions', regions)
  return {
    aws: {
      regions: withEndpoints(arns, endpoint),
      preferredRegion: optionalString('kms.preferredRegion', preferredRegion),
      minRegions: optionalInteger('kms.minRegions', minRegions, 1, MAX_REGIONS),
    },
  }
}

/** @param {Map<string, string>} arns @param {unknown} endpoint one for all regions, or each region's own */
function withEndpoints(arns, endpoint) {
  const isForAll = endpoint === undefined || typeof endpoint === 'string'
  const byRegion = isForAll ? new Map() : textsByRegion('kms.endpoint', endpoint)
  for (const name of byRegion.keys()) {
    if (!arns.has(name)) throw invalidArgValue('kms.endpoint', 'must name regions of kms.regions')
  }
  return [...arns].map(([name, keyArn]) => {
    const own = isForAll ? endpoint : byRegion.get(name)
    return {
      name,
      keyArn,
      endpoint: own === undefined ? undefined : requireString('kms.endpoint', own),
    }
  })
}

/** @param {string} path @param {unknown} value @returns {Map<string, string>} */
function textsByRegion(path, value) {
  if (!isRecord(value))
    throw invalidArgType(path, 'must be an object with a string for each region')
  return new Map(Object.entries(value).map(([region, text]) => [region, requireString(path, text)]))
}

module.exports = { readKms }
