'use strict'
// Session: one partition. A light object: a number of this thread's native session table, which is
// asked for again when that session had to make room.

const native = require('../native.js')
const { abortable } = require('./abortable.js')
const { optionalSignal, readOptions, requireBytes, requireData } = require('./arguments.js')
const { noticeSubscribers } = require('./diagnostics.js')
const { aborted, illegalConstructor, invalidArgType, sessionClosed } = require('./errors.js')
const { subject, traced, tracedPromise } = require('./tracing.js')

/** @import { Session as Contract } from '../index.js' */
/** @typedef {{ number: number, closed: boolean }} Factory native number and state, shared with its SessionFactory */

/** Proof that a constructor was called by this package. */
const INTERNAL = Symbol('internal')

const SEAL = subject('seal', 'sealed-record')
const UNSEAL = subject('unseal', 'sealed-record')
const ENCRYPT = subject('encrypt', 'data-row-record')
const DECRYPT = subject('decrypt', 'data-row-record')

const SYNC = ['additionalData']
const ASYNC = ['additionalData', 'signal']

/** @typedef {{ partitionId: string, factory: Factory, number: number, closed: boolean }} Inside */

/** @type {(session: unknown) => Inside} */
let inside

/** @implements {Contract} */
class Session {
  /** @type {Inside} */ #inside

  static {
    inside = (session) => {
      if (typeof session !== 'object' || session === null || !(#inside in session)) {
        throw invalidArgType('this', 'must be a Session')
      }
      return session.#inside
    }
  }

  /** @param {symbol} [proof] @param {Factory} [factory] @param {string} [partitionId] */
  constructor(proof, factory, partitionId) {
    if (proof !== INTERNAL || factory === undefined || partitionId === undefined) {
      throw illegalConstructor('Session', 'factory.session(partitionId)')
    }
    const number = native.openSession(factory.number, partitionId)
    this.#inside = { partitionId, factory, number, closed: false }
  }

  get partitionId() {
    return inside(this).partitionId
  }

  /** @type {Contract['sealSync']} */
  sealSync(data, options) {
    const { additionalData } = sealOptions(options, SYNC)
    requireData('data', data)
    return traced(SEAL, data, () =>
      run(this, (session) => native.seal(session, data, additionalData, false)),
    )
  }

  /** @type {Contract['seal']} */
  async seal(data, options) {
    const { additionalData, signal } = sealOptions(options, ASYNC)
    requireData('data', data)
    return tracedPromise(SEAL, data, () =>
      runOrWait(
        this,
        signal,
        (session) => native.seal(session, data, additionalData, true),
        (session, id) => native.sealAsync(session, data, additionalData, id),
      ),
    )
  }

  /** @type {Contract['unsealSync']} */
  unsealSync(record, options) {
    return unsealSync(this, record, options, false)
  }

  /** @type {Contract['unsealStringSync']} */
  unsealStringSync(record, options) {
    return unsealSync(this, record, options, true)
  }

  /** @type {Contract['unseal']} */
  async unseal(record, options) {
    return unseal(this, record, options, false)
  }

  /** @type {Contract['unsealString']} */
  async unsealString(record, options) {
    return unseal(this, record, options, true)
  }

  /** @param {Uint8Array | string} data @param {unknown} [options] there is none: the format has no additional data @returns {string} */
  encryptSync(data, options) {
    readOptions(options, '', [])
    requireData('data', data)
    return traced(ENCRYPT, data, () => run(this, (session) => native.encrypt(session, data, false)))
  }

  /** @type {Contract['encrypt']} */
  async encrypt(data, options) {
    const { signal } = readOptions(options, '', ['signal'])
    requireData('data', data)
    const ownSignal = optionalSignal(signal)
    return tracedPromise(ENCRYPT, data, () =>
      runOrWait(
        this,
        ownSignal,
        (session) => native.encrypt(session, data, true),
        (session, id) => native.encryptAsync(session, data, id),
      ),
    )
  }

  /** @param {string | Uint8Array} record @param {unknown} [options] @returns {Buffer} */
  decryptSync(record, options) {
    return decryptSync(this, record, options, false)
  }

  /** @param {string | Uint8Array} record @param {unknown} [options] @returns {string} */
  decryptStringSync(record, options) {
    return decryptSync(this, record, options, true)
  }

  /** @type {Contract['decrypt']} */
  async decrypt(record, options) {
    return decrypt(this, record, options, false)
  }

  /** @type {Contract['decryptString']} */
  async decryptString(record, options) {
    return decrypt(this, record, options, true)
  }

  /** @type {Contract['warm']} */
  async warm(options) {
    const { signal } = readOptions(options, '', ['signal'])
    noticeSubscribers()
    await abortable(optionalSignal(signal), (id) =>
      run(this, (session) => native.warm(session, id)),
    )
  }

  close() {
    inside(this).closed = true
  }

  [Symbol.dispose]() {
    this.close()
  }
}

/** @param {Session} session @param {unknown} record @param {unknown} options @param {boolean} asText */
function unsealSync(session, record, options, asText) {
  const { additionalData } = sealOptions(options, SYNC)
  requireBytes('record', record)
  return traced(UNSEAL, record, () =>
    run(session, (number) => native.unseal(number, record, additionalData, asText, false)),
  )
}

/** @param {Session} session @param {unknown} record @param {unknown} options @param {boolean} asText */
function unseal(session, record, options, asText) {
  const { additionalData, signal } = sealOptions(options, ASYNC)
  requireBytes('record', record)
  return tracedPromise(UNSEAL, record, () =>
    runOrWait(
      session,
      signal,
      (number) => native.unseal(number, record, additionalData, asText, true),
      (number, id) => native.unsealAsync(number, record, additionalData, asText, id),
    ),
  )
}

/** @param {Session} session @param {unknown} record @param {unknown} options @param {boolean} asText */
function decryptSync(session, record, options, asText) {
  readOptions(options, '', [])
  requireData('record', record)
  return traced(DECRYPT, record, () =>
    run(session, (number) => native.decrypt(number, record, asText, false)),
  )
}

/** @param {Session} session @param {unknown} record @param {unknown} options @param {boolean} asText */
function decrypt(session, record, options, asText) {
  const { signal } = readOptions(options, '', ['signal'])
  requireData('record', record)
  const ownSignal = optionalSignal(signal)
  return tracedPromise(DECRYPT, record, () =>
    runOrWait(
      session,
      ownSignal,
      (number) => native.decrypt(number, record, asText, true),
      (number, id) => native.decryptAsync(number, record, asText, id),
    ),
  )
}

/**
 * Tries the call at once, which a warm key and a short record allow, and only then waits: a hop
 * to another thread costs forty times the call.
 *
 * @param {Session} session
 * @param {AbortSignal | undefined} signal
 * @param {(number: number) => any} now
 * @param {(number: number, cancelId: number) => any} later
 */
function runOrWait(session, signal, now, later) {
  if (signal?.aborted) throw aborted(signal)
  const result = run(session, now)
  if (result !== undefined) return result
  noticeSubscribers()
  return abortable(signal, (id) => run(session, (number) => later(number, id)))
}

/**
 * Calls native code with the session's number, opening the session again if it had to make room.
 *
 * @param {Session} session
 * @param {(number: number) => any} call
 */
function run(session, call) {
  const own = inside(session)
  if (own.closed || own.factory.closed) throw sessionClosed()
  const result = call(own.number)
  if (result !== null) return result
  own.number = native.openSession(own.factory.number, own.partitionId)
  return call(own.number)
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
