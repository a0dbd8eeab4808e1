'use strict'
// Session: one partition. A light object: a number of this thread's native session table, which is
// asked for again when that session had to make room.

const { types } = require('node:util')
const native = require('../native.js')
const { abortable } = require('./abortable.js')
const { optionalSignal, readOptions, requireData } = require('./arguments.js')
const { noticeSubscribers } = require('./diagnostics.js')
const { illegalConstructor, invalidArgType } = require('./errors.js')
const {
  sealOptions,
  sealSyncOptions,
  signalOption,
  unsealOptions,
  unsealSyncOptions,
} = require('./seal-options.js')
const { lazy } = require('./lazy.js')
const { dataOutput, outputs, rawLength, recordOutput } = require('./outputs.js')
const { run, runOrWait } = require('./session-calls.js')
const { subject, traced, tracedPromise } = require('./tracing.js')

const manyCalls = lazy(() => require('./many.js'))
const range = lazy(() => require('./stream-range.js'))
const streams = lazy(() => require('./streams.js'))

/** @import { SealOptions, SealSyncOptions, Session as Contract } from '../index.js' */
/** @typedef {import('./session-calls.js').Factory} Factory */
/** @typedef {import('./session-calls.js').Own} Inside */

/** Proof that a constructor was called by this package. */
const INTERNAL = Symbol('internal')

const SEAL = subject('seal', 'sealed-record')
const UNSEAL = subject('unseal', 'sealed-record')
const ENCRYPT = subject('encrypt', 'data-row-record')
const DECRYPT = subject('decrypt', 'data-row-record')

/** How much longer than sealing it takes, at 64 KiB: base64, JSON and a string. */
const DATA_ROW_WEIGHT = 4
const RESEAL_WEIGHT = 2

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

  /** @param {Uint8Array | string} data @param {SealSyncOptions} [options] @returns {any} */
  sealSync(data, options) {
    const { additionalData, asText } = sealSyncOptions(options)
    requireData('data', data)
    return traced(SEAL, data, () =>
      run(inside(this), sealing(inside(this), data, additionalData, asText, false)),
    )
  }

  /** @param {Uint8Array | string} data @param {SealOptions} [options] @returns {Promise<any>} */
  async seal(data, options) {
    const { additionalData, asText, signal } = sealOptions(options)
    requireData('data', data)
    return tracedPromise(SEAL, data, () =>
      runOrWait(
        inside(this),
        signal,
        { length: rawLength(data), weight: 1 },
        sealing(inside(this), data, additionalData, asText, true),
        (session, id) => native.sealAsync(session, data, additionalData, asText, id),
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
    return traced(ENCRYPT, data, () =>
      run(inside(this), (session) => native.encrypt(session, data, false)),
    )
  }

  /** @type {Contract['encrypt']} */
  async encrypt(data, options) {
    const signal = signalOption(options)
    requireData('data', data)
    return tracedPromise(ENCRYPT, data, () =>
      runOrWait(
        inside(this),
        signal,
        { length: rawLength(data), weight: DATA_ROW_WEIGHT },
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

  /** @param {unknown} items @param {unknown} [options] @returns {Promise<any[]>} */
  async sealMany(items, options) {
    return many(this, SEAL, 1, manyCalls().sealManyArguments(items, options))
  }

  /** @param {unknown} records @param {unknown} [options] @returns {Promise<any[]>} */
  async unsealMany(records, options) {
    return many(this, UNSEAL, 1, manyCalls().unsealManyArguments(records, options))
  }

  /** @param {unknown} items @param {unknown} [options] @returns {Promise<any[]>} */
  async encryptMany(items, options) {
    return many(this, ENCRYPT, DATA_ROW_WEIGHT, manyCalls().encryptManyArguments(items, options))
  }

  /** @param {unknown} records @param {unknown} [options] @returns {Promise<any[]>} */
  async decryptMany(records, options) {
    return many(this, DECRYPT, DATA_ROW_WEIGHT, manyCalls().decryptManyArguments(records, options))
  }

  /** @type {Contract['isCurrent']} */
  async isCurrent(record, options) {
    const signal = signalOption(options)
    requireData('record', record)
    return runOrWait(
      inside(this),
      signal,
      { length: 0, weight: 1 },
      (session) => native.isCurrent(session, record),
      (session, id) => native.isCurrentAsync(session, record, id),
    )
  }

  /** @param {Uint8Array | string} record @param {SealOptions} [options] @returns {Promise<any>} */
  async reseal(record, options) {
    const { additionalData, asText, signal } = sealOptions(options)
    requireData('record', record)
    return runOrWait(
      inside(this),
      signal,
      { length: rawLength(record), weight: RESEAL_WEIGHT },
      (session) => native.reseal(session, record, additionalData, asText),
      (session, id) => native.resealAsync(session, record, additionalData, asText, id),
    )
  }

  /** @type {Contract['sealStream']} */
  sealStream(options) {
    return streams().sealStream(inside(this), options)
  }

  /** @type {Contract['unsealStream']} */
  unsealStream(options) {
    return streams().unsealStream(inside(this), options)
  }

  /** @type {Contract['unsealRange']} */
  async unsealRange(source, start, end, options) {
    return range().unsealRange(inside(this), source, start, end, options)
  }

  /** @type {Contract['warm']} */
  async warm(options) {
    const { records, signal } = readOptions(options, '', ['records', 'signal'])
    const { ownData, readEach } = manyCalls()
    const named = readEach(records === undefined ? [] : records, 'records').map((record, i) =>
      ownData(`records[${i}]`, record),
    )
    noticeSubscribers()
    await abortable(optionalSignal(signal), (id) =>
      run(inside(this), (session) => native.warm(session, named, id)),
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
  const { additionalData } = unsealSyncOptions(options)
  requireData('record', record)
  return traced(UNSEAL, record, () =>
    run(inside(session), unsealing(record, additionalData, asText, false)),
  )
}

/** @param {Session} session @param {any} record @param {unknown} options @param {boolean} asText */
function unseal(session, record, options, asText) {
  const { additionalData, signal } = unsealOptions(options)
  requireData('record', record)
  return tracedPromise(UNSEAL, record, () =>
    runOrWait(
      inside(session),
      signal,
      { length: rawLength(record), weight: 1 },
      unsealing(record, additionalData, asText, true),
      (number, id) => native.unsealAsync(number, record, additionalData, asText, id),
    ),
  )
}

/** @param {Session} session @param {unknown} record @param {unknown} options @param {boolean} asText */
function decryptSync(session, record, options, asText) {
  readOptions(options, '', [])
  requireData('record', record)
  return traced(DECRYPT, record, () =>
    run(inside(session), (number) => native.decrypt(number, record, asText, false)),
  )
}

/** @param {Session} session @param {any} record @param {unknown} options @param {boolean} asText */
function decrypt(session, record, options, asText) {
  const signal = signalOption(options)
  requireData('record', record)
  return tracedPromise(DECRYPT, record, () =>
    runOrWait(
      inside(session),
      signal,
      { length: rawLength(record), weight: DATA_ROW_WEIGHT },
      (number) => native.decrypt(number, record, asText, true),
      (number, id) => native.decryptAsync(number, record, asText, id),
    ),
  )
}

/** @param {Inside} own @param {any} data @param {any} additionalData @param {boolean} asText @param {boolean} mayWait */
function sealing({ factory }, data, additionalData, asText, mayWait) {
  return (/** @type {number} */ number) => {
    const out = asText ? undefined : recordOutput(data, factory.overhead)
    return native.seal(number, data, additionalData, out, asText, mayWait)
  }
}

/** @param {any} record @param {any} additionalData @param {boolean} asText @param {boolean} mayWait */
function unsealing(record, additionalData, asText, mayWait) {
  return (/** @type {number} */ number) => {
    const out = asText ? undefined : dataOutput(record)
    return native.unseal(number, record, additionalData, out, asText, mayWait)
  }
}

/**
 * @param {Session} session @param {ReturnType<typeof subject>} of @param {number} weight
 * @param {import('./many.js').Many} call
 */
async function many(session, of, weight, call) {
  const { operation, items, additionalData, length, settled, signal } = call
  const own = inside(session)
  const values = await tracedPromise(of, items, () =>
    runOrWait(
      own,
      signal,
      { length, weight, count: items.length },
      (number) => {
        const outs = outputs(operation, items, own.factory.overhead)
        return native.many(number, operation, items, additionalData, outs, settled)
      },
      (number, id) => native.manyAsync(number, operation, items, additionalData, settled, id),
    ),
  )
  return settled ? values.map(outcome) : values
}

/** Values are Buffers and strings, failures errors. @param {any} value @returns {PromiseSettledResult<any>} */
function outcome(value) {
  return types.isNativeError(value)
    ? { status: 'rejected', reason: value }
    : { status: 'fulfilled', value }
}

module.exports = { INTERNAL, Session }
