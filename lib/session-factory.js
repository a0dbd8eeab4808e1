'use strict'
// SessionFactory: reads and checks the options, holds this thread's number of a native factory.

const native = require('../native.js')
const { abortable } = require('./abortable.js')
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
const {
  illegalConstructor,
  invalidArgType,
  invalidArgValue,
  sessionClosed,
} = require('./errors.js')
const { INTERNAL, Session } = require('./session.js')

/** @import { SessionFactory as Contract, SessionFactoryOptions } from '../index.js' */

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

/** @implements {Contract} */
class SessionFactory {
  /** @type {import('./session.js').Factory} */ #factory
  /** @type {boolean} */ #isOpener
  /** @type {Promise<void> | undefined} */ #closing

  /** @param {symbol} [proof] @param {number} [number] @param {boolean} [isOpener] */
  constructor(proof, number, isOpener) {
    if (proof !== INTERNAL || number === undefined || isOpener === undefined) {
      throw illegalConstructor('SessionFactory', 'await SessionFactory.open(options)')
    }
    this.#factory = { number, closed: false }
    this.#isOpener = isOpener
  }

  /** @type {(typeof import('../index.js'))['SessionFactory']['open']} */
  static async open(options) {
    const { settings, kmsKey, signal } = openArguments(options)
    const number = await abortable(
      signal,
      (id) => native.openFactory(settings, kmsKey, id),
      (late) => native.closeFactory(late, true),
    )
    return new SessionFactory(INTERNAL, number, true)
  }

  /** @type {(typeof import('../index.js'))['SessionFactory']['attach']} */
  static attach(handle) {
    const number = native.attachFactory(requireString('handle', handle))
    return new SessionFactory(INTERNAL, number, false)
  }

  /** @type {Contract['session']} */
  session(partitionId) {
    const id = requireNonEmptyString('partitionId', partitionId)
    return new Session(INTERNAL, this.#open(), id)
  }

  /** @type {Contract['handle']} */
  handle() {
    return /** @type {import('../index.js').FactoryHandle} */ (
      native.factoryHandle(this.#open().number)
    )
  }

  /** @type {Contract['ping']} */
  async ping(options) {
    const { signal } = readOptions(options, '', ['signal'])
    const { number } = this.#open()
    await abortable(optionalSignal(signal), (id) => native.pingFactory(number, id))
  }

  stats() {
    return native.factoryStats(this.#open().number)
  }

  /** @type {Contract['close']} */
  async close() {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose]() {
    return this.close()
  }

  async #close() {
    this.#factory.closed = true
    await native.closeFactory(this.#factory.number, this.#isOpener)
  }

  #open() {
    if (this.#factory.closed) throw sessionClosed()
    return this.#factory
  }
}

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
  const settings = {
    serviceId: requireNonEmptyString('serviceId', serviceId),
    productId: requireNonEmptyString('productId', productId),
    metastore: requireNonEmptyString('metastore', metastore),
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
  return { settings, kmsKey: staticKey(kms), signal: optionalSignal(signal) }
}

/** @param {unknown} kms */
function staticKey(kms) {
  if (kms === undefined) throw invalidArgType('kms', 'must be an object')
  const { type, key } = readOptions(kms, 'kms', ['type', 'key'])
  if (type !== 'static') throw invalidArgValue('kms.type', "must be 'static'")
  requireData('kms.key', key)
  warnOfStaticKey()
  return key
}

let hasWarned = false

/** Once a process: whoever reads its memory or configuration has every key. */
function warnOfStaticKey() {
  const isTest = process.env.NODE_ENV === 'test' || process.env.NODE_TEST_CONTEXT !== undefined
  if (hasWarned || isTest) return
  hasWarned = true
  process.emitWarning('a static master key protects only what its own hiding place protects', {
    code: 'SEALDIFF_STATIC_KMS',
    detail: 'Use a key management service in production.',
  })
}

module.exports = { SessionFactory }
