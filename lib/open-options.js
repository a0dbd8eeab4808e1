'use strict'
// The options of SessionFactory.open: read once, checked, and made what native code takes.

const {
  optionalBoolean,
  optionalChoice,
  optionalDuration,
  optionalInteger,
  optionalSignal,
  readOptions,
  requireNonEmptyString,
  requireString,
} = require('./arguments.js')
const { metastoreMethods } = require('./custom-backends.js')
const { invalidArgType } = require('./errors.js')
const { readKms } = require('./kms-options.js')
const { optionalTls } = require('./tls-options.js')

const OPTIONS = [
  'serviceId',
  'productId',
  'metastore',
  'kms',
  'policy',
  'cache',
  'secureMemory',
  'lockedBytes',
  'freshRandomness',
  'timeout',
  'createTable',
  'table',
  'signal',
]
const POLICY = ['expireAfter', 'revokeCheckInterval', 'refreshGrace']
const METASTORE = ['url', 'pool', 'tls', 'createTable', 'table']
const POOL = ['maxConnections', 'acquireTimeout', 'idleTimeout']
const SECURE_MEMORY = /** @type {const} */ (['require', 'prefer', 'off'])
const MIN_LOCKED_BYTES = 4096
const MAX_LOCKED_BYTES = 2 ** 30
const CACHE = ['sessions', 'intermediateKeys']
const MIN_EXPIRE_AFTER_SECONDS = 60
const MIN_TIMEOUT_SECONDS = 0.001
const MAX_CONNECTIONS = 10_000
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
  const keyStore = readMetastore(metastore)
  const settings = {
    serviceId: requireNonEmptyString('serviceId', serviceId),
    productId: requireNonEmptyString('productId', productId),
    ...readTable('', { createTable, table }),
    ...keyStore.settings,
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
    secureMemory: optionalChoice('secureMemory', rest.secureMemory, SECURE_MEMORY),
    lockedBytes: optionalInteger(
      'lockedBytes',
      rest.lockedBytes,
      MIN_LOCKED_BYTES,
      MAX_LOCKED_BYTES,
    ),
    freshRandomness:
      optionalBoolean('freshRandomness', rest.freshRandomness) ?? isResumedFromSnapshot(),
    timeout: optionalDuration('timeout', rest.timeout, MIN_TIMEOUT_SECONDS),
    sessions: optionalInteger('cache.sessions', cache.sessions, 1, MAX_SESSIONS),
    intermediateKeys: optionalInteger(
      'cache.intermediateKeys',
      cache.intermediateKeys,
      1,
      MAX_INTERMEDIATE_KEYS,
    ),
  }
  const { ownMetastore } = keyStore
  return { settings, ownMetastore, kms: readKms(kms), signal: optionalSignal(signal) }
}

/** Where the host says so: of a virtual machine nothing can be told from within. */
function isResumedFromSnapshot() {
  return process.env.AWS_LAMBDA_INITIALIZATION_TYPE === 'snap-start' || undefined
}

/** @param {unknown} metastore a URL, options with a `url`, or an object with methods */
function readMetastore(metastore) {
  if (typeof metastore !== 'object' || metastore === null) {
    return { settings: { metastore: requireNonEmptyString('metastore', metastore) } }
  }
  if (!('url' in metastore)) return { settings: {}, ownMetastore: metastoreMethods(metastore) }
  const { url, pool, tls, ...rest } = readOptions(metastore, 'metastore', METASTORE)
  return {
    settings: {
      metastore: requireNonEmptyString('metastore.url', url),
      pool: pool === undefined ? undefined : readPool(pool),
      tls: optionalTls(tls, 'metastore.tls'),
      ...readTable('metastore.', rest),
    },
  }
}

/** @param {string} prefix @param {Record<string, any>} options where the table is named and made */
function readTable(prefix, { createTable, table }) {
  return {
    ...(createTable !== undefined && {
      createTable: optionalBoolean(`${prefix}createTable`, createTable),
    }),
    ...(table !== undefined && { table: requireString(`${prefix}table`, table) }),
  }
}

/** @param {unknown} pool */
function readPool(pool) {
  const path = 'metastore.pool'
  const { maxConnections, acquireTimeout, idleTimeout } = readOptions(pool, path, POOL)
  return {
    maxConnections: optionalInteger(`${path}.maxConnections`, maxConnections, 1, MAX_CONNECTIONS),
    acquireTimeout: optionalDuration(`${path}.acquireTimeout`, acquireTimeout, MIN_TIMEOUT_SECONDS),
    idleTimeout: optionalDuration(`${path}.idleTimeout`, idleTimeout, 1),
  }
}

module.exports = { openArguments }
