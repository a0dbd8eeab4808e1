'use strict'
// SessionFactory: holds this thread's number of a native factory.

const native = require('../native.js')
const { abortable } = require('./abortable.js')
const {
  optionalSignal,
  readOptions,
  requireNonEmptyString,
  requireString,
} = require('./arguments.js')
const { noticeSubscribers } = require('./diagnostics.js')
const { illegalConstructor, invalidArgType, sessionClosed } = require('./errors.js')
const { lazy } = require('./lazy.js')
const { INTERNAL, Session } = require('./session.js')
const { warnOfStaticKey, warnOfUnlockedMemory } = require('./warnings.js')

const opening = lazy(() => require('./open-options.js'))

/** @import { SessionFactory as Contract, SessionFactoryOptions } from '../index.js' */

/** @typedef {{ factory: import('./session.js').Factory, isOpener: boolean, closing: Promise<void> | undefined }} Inside */

/** @type {(factory: unknown) => Inside} */
let inside

/** @implements {Contract} */
class SessionFactory {
  /** @type {Inside} */ #inside

  static {
    inside = (factory) => {
      if (typeof factory !== 'object' || factory === null || !(#inside in factory)) {
        throw invalidArgType('this', 'must be a SessionFactory')
      }
      return factory.#inside
    }
  }

  /** @param {symbol} [proof] @param {number} [number] @param {boolean} [isOpener] */
  constructor(proof, number, isOpener) {
    if (proof !== INTERNAL || number === undefined || isOpener === undefined) {
      throw illegalConstructor('SessionFactory', 'await SessionFactory.open(options)')
    }
    const factory = { number, overhead: native.sealedOverhead(number), closed: false }
    this.#inside = { factory, isOpener, closing: undefined }
  }

  /** @type {(typeof import('../index.js'))['SessionFactory']['open']} */
  static async open(options) {
    const args = opening().openArguments(options)
    const factory = await openFactory(args)
    if (args.kms.staticKey !== undefined) warnOfStaticKey()
    if (args.settings.secureMemory !== 'off') warnOfUnlockedMemory(factory.stats())
    return factory
  }

  /** @type {(typeof import('../index.js'))['SessionFactory']['attach']} */
  static attach(handle) {
    noticeSubscribers()
    const number = native.attachFactory(requireString('handle', handle))
    return new SessionFactory(INTERNAL, number, false)
  }

  /** @type {Contract['session']} */
  session(partitionId) {
    const id = requireNonEmptyString('partitionId', partitionId)
    return new Session(INTERNAL, opened(this), id)
  }

  /** @type {Contract['handle']} */
  handle() {
    return /** @type {import('../index.js').FactoryHandle} */ (
      native.factoryHandle(opened(this).number)
    )
  }

  /** @type {Contract['ping']} */
  async ping(options) {
    const { signal } = readOptions(options, '', ['signal'])
    const { number } = opened(this)
    noticeSubscribers()
    await abortable(optionalSignal(signal), (id) => native.pingFactory(number, id))
  }

  stats() {
    noticeSubscribers()
    return native.factoryStats(opened(this).number)
  }

  /** @type {Contract['close']} */
  async close() {
    const own = inside(this)
    own.closing ??= closeOnce(own)
    return own.closing
  }

  async [Symbol.asyncDispose]() {
    return this.close()
  }
}

/**
 * @param {ReturnType<ReturnType<typeof opening>['openArguments']>} args
 * @param {number} [clock] a test's, else the system's
 */
async function openFactory({ settings, ownMetastore, kms, signal }, clock) {
  noticeSubscribers()
  const number = await abortable(
    signal,
    (id) => native.openFactory({ ...settings, clock }, ownMetastore, kms, id),
    (late) => native.closeFactory(late, true),
  )
  return new SessionFactory(INTERNAL, number, true)
}

/** @param {SessionFactory} factory */
function opened(factory) {
  const own = inside(factory)
  if (own.factory.closed) throw sessionClosed()
  return own.factory
}

/** @param {Inside} own */
async function closeOnce({ factory, isOpener }) {
  factory.closed = true
  await native.closeFactory(factory.number, isOpener)
}

module.exports = { SessionFactory, openFactory }
