'use strict'
// Session: one partition. A light object: a number of this thread's native session table, which is
// asked for again when that session had to make room.

const native = require('../native.js')
const { abortable } = require('./abortable.js')
const { optionalSignal, readOptions, requireBytes, requireData } = require('./arguments.js')
const { illegalConstructor, sessionClosed } = require('./errors.js')

/** @import { Session as Contract } from '../index.js' */
/** @typedef {{ number: number, closed: boolean }} Factory native number and state, shared with its SessionFactory */

/** Proof that a constructor was called by this package. */
const INTERNAL = Symbol('internal')

const SYNC = ['additionalData']
const ASYNC = ['additionalData', 'signal']

/** @implements {Contract} */
class Session {
  /** @type {string} */ #partitionId
  /** @type {Factory} */ #factory
  /** @type {number} */ #number
  #closed = false

  /** @param {symbol} [proof] @param {Factory} [factory] @param {string} [partitionId] */
  constructor(proof, factory, partitionId) {
    if (proof !== INTERNAL || factory === undefined || partitionId === undefined) {
      throw illegalConstructor('Session', 'factory.session(partitionId)')
    }
    this.#partitionId = partitionId
    this.#factory = factory
    this.#number = native.openSession(factory.number, partitionId)
  }

  get partitionId() {
    return this.#partitionId
  }

  /** @type {Contract['sealSync']} */
  sealSync(data, options) {
    const { additionalData } = sealOptions(options, SYNC)
    requireData('data', data)
    return this.#run((session) => native.seal(session, data, additionalData, false))
  }

  /** @type {Contract['seal']} */
  async seal(data, options) {
    const { additionalData, signal } = sealOptions(options, ASYNC)
    requireData('data', data)
    return this.#runOrWait(
      signal,
      (session) => native.seal(session, data, additionalData, true),
      (session, id) => native.sealAsync(session, data, additionalData, id),
    )
  }

  /** @type {Contract['unsealSync']} */
  unsealSync(record, options) {
    return this.#unsealSync(record, options, false)
  }

  /** @type {Contract['unsealStringSync']} */
  unsealStringSync(record, options) {
    return this.#unsealSync(record, options, true)
  }

  /** @type {Contract['unseal']} */
  async unseal(record, options) {
    return this.#unseal(record, options, false)
  }

  /** @type {Contract['unsealString']} */
  async unsealString(record, options) {
    return this.#unseal(record, options, true)
  }

  /** @param {Uint8Array | string} data @param {unknown} [options] there is none: the format has no additional data @returns {string} */
  encryptSync(data, options) {
    readOptions(options, '', [])
    requireData('data', data)
    return this.#run((session) => native.encrypt(session, data, false))
  }

  /** @type {Contract['encrypt']} */
  async encrypt(data, options) {
    const { signal } = readOptions(options, '', ['signal'])
    requireData('data', data)
    return this.#runOrWait(
      optionalSignal(signal),
      (session) => native.encrypt(session, data, true),
      (session, id) => native.encryptAsync(session, data, id),
    )
  }

  /** @param {string | Uint8Array} record @param {unknown} [options] @returns {Buffer} */
  decryptSync(record, options) {
    return this.#decryptSync(record, options, false)
  }

  /** @param {string | Uint8Array} record @param {unknown} [options] @returns {string} */
  decryptStringSync(record, options) {
    return this.#decryptSync(record, options, true)
  }

  /** @type {Contract['decrypt']} */
  async decrypt(record, options) {
    return this.#decrypt(record, options, false)
  }

  /** @type {Contract['decryptString']} */
  async decryptString(record, options) {
    return this.#decrypt(record, options, true)
  }

  /** @type {Contract['warm']} */
  async warm(options) {
    const { signal } = readOptions(options, '', ['signal'])
    await abortable(optionalSignal(signal), (id) =>
      this.#run((session) => native.warm(session, id)),
    )
  }

  close() {
    this.#closed = true
  }

  [Symbol.dispose]() {
    this.close()
  }

  /** @param {unknown} record @param {unknown} options @param {boolean} asText */
  #unsealSync(record, options, asText) {
    const { additionalData } = sealOptions(options, SYNC)
    requireBytes('record', record)
    return this.#run((session) => native.unseal(session, record, additionalData, asText, false))
  }

  /** @param {unknown} record @param {unknown} options @param {boolean} asText */
  #unseal(record, options, asText) {
    const { additionalData, signal } = sealOptions(options, ASYNC)
    requireBytes('record', record)
    return this.#runOrWait(
      signal,
      (session) => native.unseal(session, record, additionalData, asText, true),
      (session, id) => native.unsealAsync(session, record, additionalData, asText, id),
    )
  }

  /** @param {unknown} record @param {unknown} options @param {boolean} asText */
  #decryptSync(record, options, asText) {
    readOptions(options, '', [])
    requireData('record', record)
    return this.#run((session) => native.decrypt(session, record, asText, false))
  }

  /** @param {unknown} record @param {unknown} options @param {boolean} asText */
  #decrypt(record, options, asText) {
    const { signal } = readOptions(options, '', ['signal'])
    requireData('record', record)
    return this.#runOrWait(
      optionalSignal(signal),
      (session) => native.decrypt(session, record, asText, true),
      (session, id) => native.decryptAsync(session, record, asText, id),
    )
  }

  /**
   * Tries the call at once, which a warm key and a short record allow, and only then waits: a hop
   * to another thread costs forty times the call.
   *
   * @param {AbortSignal | undefined} signal
   * @param {(session: number) => any} now
   * @param {(session: number, cancelId: number) => any} later
   */
  #runOrWait(signal, now, later) {
    if (signal?.aborted) return abortable(signal, later.bind(undefined, this.#number))
    const result = this.#run(now)
    if (result !== undefined) return result
    return abortable(signal, (id) => this.#run((session) => later(session, id)))
  }

  /**
   * Calls native code with this session's number, opening the session again if it had to make room.
   *
   * @param {(session: number) => any} call
   */
  #run(call) {
    if (this.#closed || this.#factory.closed) throw sessionClosed()
    const result = call(this.#number)
    if (result !== null) return result
    this.#number = native.openSession(this.#factory.number, this.#partitionId)
    return call(this.#number)
  }
}

/** @param {unknown} options @param {readonly string[]} names */
function sealOptions(options, names) {
  if (options === undefined) return NO_OPTIONS
  const { additionalData, signal } = readOptions(options, '', names)
  if (additionalData !== undefined) requireData('additionalData', additionalData)
  return { additionalData, signal: optionalSignal(signal) }
}

const NO_OPTIONS = Object.freeze({ additionalData: undefined, signal: undefined })

module.exports = { INTERNAL, Session }
