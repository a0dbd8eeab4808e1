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
const { illegalConstructor, sessionClosed } = require('./errors.js')
const { openArguments } = require('./open-options.js')
const { INTERNAL, Session } = require('./session.js')

/** @import { SessionFactory as Contract, SessionFactoryOptions } from '../index.js' */

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
    const { settings, ownMetastore, staticKey, ownKms, signal } = openArguments(options)
    const number = await abortable(
      signal,
      (id) => native.openFactory(settings, ownMetastore, staticKey, ownKms, id),
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

module.exports = { SessionFactory }
