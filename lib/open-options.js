'use strict'
// The options of SessionFactory.open: read once, checked, and made what native code takes.

const {
  optionalBoolean,
  optionalDuration,
  optionalInteger,
  optionalSignal,
  readOptions,
  requireData,
  requireNonEmptyString,
  requireString,
} = require('./arguments.js')
const { kmsMethods, metastoreMethods } = require('./custom-backends.js')
const { invalidArgType, invalidArgValue } = require('./errors.js')

const OPTIONS = [
  'serviceId',
  'productId',
  'metastore',
  'kms',
  'policy',
  'cache',
  'timeout',
  'createTable',
  'table',
  'signal',
]
const POLICY = ['expireAfter', 'revokeCheckInterval', 'refreshGrace']
const CACHE = ['sessions', 'intermediateKeys']
const MIN_EXPIRE_AFTER_SECONDS = 60
const MIN_TIMEOUT_SECONDS = 0.001
const MAX_SESSIONS = 1_000_000
const MAX_INTERMEDIATE_KEYS = 10_000_000

/** @param {unknown} options */
function openArguments(options) {
  if (options === undefined) throw invalidArgType('options', 'must be an object')
  const { serviceId, productId, metastore, kms, createTable, table, signal, ...rest } = readOptions(
    options,
    '',
    OPTIONS,
  )
  const policy = readOptions(rest.policy, 'policy', POLICY)
  const cache = readOptions(rest.cache, 'cache', CACHE)
  const { url, ownMetastore } = readMetastore(metastore)
  const settings = {
    serviceId: requireNonEmptyString('serviceId', serviceId),
    productId: requireNonEmptyString('productId', productId),
    metastore: url,
    createTable: optionalBoolean('createTable', createTable),
    table: table === undefined ? undefined : requireString('table', table),
    expireAfter: optionalDuration(
      'policy.expireAfter',
      policy.expireAfter,
      MIN_EXPIRE_AFTER_SECONDS,
    ),
    revokeCheckInterval: optionalDuration(
      'policy.revokeCheckInterval',
      policy.revokeCheckInterval,
      0,
    ),
    refreshGrace: optionalDuration('policy.refreshGrace', policy.refreshGrace, 0),
    timeout: optionalDuration('timeout', rest.timeout, MIN_TIMEOUT_SECONDS),
    sessions: optionalInteger('cache.sessions', cache.sessions, 1, MAX_SESSIONS),
    intermediateKeys: optionalInteger(
      'cache.intermediateKeys',
      cache.intermediateKeys,
      1,
      MAX_INTERMEDIATE_KEYS,
    ),
  }
  return { settings, ownMetastore, ...readKms(kms), signal: optionalSignal(signal) }
}

/** @param {unknown} metastore a URL, or an object with methods */
function readMetastore(metastore) {
  if (typeof metastore === 'object' && metastore !== null) {
    return { ownMetastore: metastoreMethods(metastore) }
  }
  return { url: requireNonEmptyString('metastore', metastore) }
}

/** @param {unknown} kms options with a `type`, or an object with methods */
function readKms(kms) {
  if (typeof kms !== 'object' || kms === null) throw invalidArgType('kms', 'must be an object')
  if ('encryptKey' in kms || 'decryptKey' in kms) return { ownKms: kmsMethods(kms) }
  const { type, key } = readOptions(kms, 'kms', ['type', 'key'])
  if (type !== 'static') throw invalidArgValue('kms.type', "must be 'static'")
  requireData('kms.key', key)
  return { staticKey: key }
}

module.exports = { openArguments }
