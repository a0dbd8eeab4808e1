'use strict'
// Session: one partition. A light object: a number of this thread's native session table, which is
// asked for again when that session had to make room.

const { types } = require('node:util')
const native = require('../native.js')
const { abortable } = require('./abortable.js')
const { optionalSignal, readOptions, requireData } = require('./arguments.js')
const { noticeSubscribers } = require('./diagnostics.js')
const { aborted, illegalConstructor, invalidArgType, sessionClosed } = require('./errors.js')
const {
  sealOptions,
  sealSyncOptions,
  signalOption,
  unsealOptions,
  unsealSyncOptions,
} = require('./seal-options.js')
const {
  decryptManyArguments,
  encryptManyArguments,
  ownData,
  readEach,
  sealManyArguments,
  unsealManyArguments,
} = require('./many.js')
const { dataOutput, outputs, rawLength, recordOutput } = require('./outputs.js')
const { subject, traced, tracedPromise } = require('./tracing.js')
const { isForNow, spend } = require('./turn.js')

/** @import { SealOptions, SealSyncOptions, Session as Contract } from '../index.js' */
/** @typedef {{ number: number, overhead: number, closed: boolean }} Factory native number, what its records add to their data, and state: shared with its SessionFactory */

/** Proof that a constructor was called by this package. */
const INTERNAL = Symbol('internal')

const SEAL = subject('seal', 'sealed-record')
const UNSEAL = subject('unseal', 'sealed-record')
const ENCRYPT = subject('encrypt', 'data-row-record')
const DECRYPT = subject('decrypt', 'data-row-record')

/** How much longer than sealing it takes, at 64 KiB: base64, JSON and a string. */
const DATA_ROW_WEIGHT = 4
const RESEAL_WEIGHT = 2

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

  /** @param {Uint8Array | string} data @param {SealSyncOptions} [options] @returns {any} */
  sealSync(data, options) {
    const { additionalData, asText } = sealSyncOptions(options)
    requireData('data', data)
    return traced(SEAL, data, () => sealNow(this, data, additionalData, asText, false))
  }

  /** @param {Uint8Array | string} data @param {SealOptions} [options] @returns {Promise<any>} */
  async seal(data, options) {
    const { additionalData, asText, signal } = sealOptions(options)
    requireData('data', data)
    return tracedPromise(SEAL, data, () =>
      runOrWait(
        this,
        signal,
        { length: rawLength(data), weight: 1 },
        () => sealNow(this, data, additionalData, asText, true),
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
    return traced(ENCRYPT, data, () => run(this, (session) => native.encrypt(session, data, false)))
  }

  /** @type {Contract['encrypt']} */
  async encrypt(data, options) {
    const signal = signalOption(options)
    requireData('data', data)
    return tracedPromise(ENCRYPT, data, () =>
      runOrWait(
        this,
        signal,
        { length: rawLength(data), weight: DATA_ROW_WEIGHT },
        () => run(this, (session) => native.encrypt(session, data, true)),
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
    return many(this, SEAL, 1, sealManyArguments(items, options))
  }

  /** @param {unknown} records @param {unknown} [options] @returns {Promise<any[]>} */
  async unsealMany(records, options) {
    return many(this, UNSEAL, 1, unsealManyArguments(records, options))
  }

  /** @param {unknown} items @param {unknown} [options] @returns {Promise<any[]>} */
  async encryptMany(items, options) {
    return many(this, ENCRYPT, DATA_ROW_WEIGHT, encryptManyArguments(items, options))
  }

  /** @param {unknown} records @param {unknown} [options] @returns {Promise<any[]>} */
  async decryptMany(records, options) {
    return many(this, DECRYPT, DATA_ROW_WEIGHT, decryptManyArguments(records, options))
  }

  /** @type {Contract['isCurrent']} */
  async isCurrent(record, options) {
    const signal = signalOption(options)
    requireData('record', record)
    return runOrWait(
      this,
      signal,
      { length: 0, weight: 1 },
      () => run(this, (session) => native.isCurrent(session, record)),
      (session, id) => native.isCurrentAsync(session, record, id),
    )
  }

  /** @param {Uint8Array | string} record @param {SealOptions} [options] @returns {Promise<any>} */
  async reseal(record, options) {
    const { additionalData, asText, signal } = sealOptions(options)
    requireData('record', record)
    return runOrWait(
      this,
      signal,
      { length: rawLength(record), weight: RESEAL_WEIGHT },
      () => run(this, (session) => native.reseal(session, record, additionalData, asText)),
      (session, id) => native.resealAsync(session, record, additionalData, asText, id),
    )
  }

  /** @type {Contract['warm']} */
  async warm(options) {
    const { records, signal } = readOptions(options, '', ['records', 'signal'])
    const named = readEach(records === undefined ? [] : records, 'records').map((record, i) =>
      ownData(`records[${i}]`, record),
    )
    noticeSubscribers()
    await abortable(optionalSignal(signal), (id) =>
      run(this, (session) => native.warm(session, named, id)),
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
  return traced(UNSEAL, record, () => unsealNow(session, record, additionalData, asText, false))
}

/** @param {Session} session @param {any} record @param {unknown} options @param {boolean} asText */
function unseal(session, record, options, asText) {
  const { additionalData, signal } = unsealOptions(options)
  requireData('record', record)
  return tracedPromise(UNSEAL, record, () =>
    runOrWait(
      session,
      signal,
      { length: rawLength(record), weight: 1 },
      () => unsealNow(session, record, additionalData, asText, true),
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

/** @param {Session} session @param {any} record @param {unknown} options @param {boolean} asText */
function decrypt(session, record, options, asText) {
  const signal = signalOption(options)
  requireData('record', record)
  return tracedPromise(DECRYPT, record, () =>
    runOrWait(
      session,
      signal,
      { length: rawLength(record), weight: DATA_ROW_WEIGHT },
      () => run(session, (number) => native.decrypt(number, record, asText, true)),
      (number, id) => native.decryptAsync(number, record, asText, id),
    ),
  )
}

/** @param {Session} session @param {any} data @param {any} additionalData @param {boolean} asText @param {boolean} mayWait */
function sealNow(session, data, additionalData, asText, mayWait) {
  const out = asText ? undefined : recordOutput(data, inside(session).factory.overhead)
  return run(session, (number) => native.seal(number, data, additionalData, out, asText, mayWait))
}

/** @param {Session} session @param {any} record @param {any} additionalData @param {boolean} asText @param {boolean} mayWait */
function unsealNow(session, record, additionalData, asText, mayWait) {
  const out = asText ? undefined : dataOutput(record)
  return run(session, (number) =>
    native.unseal(number, record, additionalData, out, asText, mayWait),
  )
}

/**
 * @param {Session} session @param {ReturnType<typeof subject>} of @param {number} weight
 * @param {import('./many.js').Many} call
 */
async function many(session, of, weight, call) {
  const { operation, items, additionalData, length, settled, signal } = call
  const values = await tracedPromise(of, items, () =>
    runOrWait(
      session,
      signal,
      { length, weight, count: items.length },
      () => manyNow(session, call),
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

/** @param {Session} session @param {import('./many.js').Many} call */
function manyNow(session, { operation, items, additionalData, settled }) {
  const { overhead } = inside(session).factory
  const outs = outputs(operation, items, overhead)
  return run(session, (number) =>
    native.many(number, operation, items, additionalData, outs, settled),
  )
}

/**
 * Tries the call at once, if it is short, which a warm key allows, and only then waits: a hop to another
 * thread costs forty times the call.
 *
 * @param {Session} session
 * @param {AbortSignal | undefined} signal
 * @param {import('./turn.js').Work} work
 * @param {() => any} now
 * @param {(number: number, cancelId: number) => any} later
 */
function runOrWait(session, signal, work, now, later) {
  if (signal?.aborted) throw aborted(signal)
  if (isForNow(work)) {
    const turn = spend(work)
    const result = turn === undefined ? now() : inTurn(turn, signal, now)
    if (result !== undefined) return result
  }
  noticeSubscribers()
  return abortable(signal, (id) => run(session, (number) => later(number, id)))
}

/**
 * Makes the call now, for its data may change, and tells of its outcome in the next turn.
 *
 * @param {Promise<void>} turn @param {AbortSignal | undefined} signal @param {() => any} now
 */
function inTurn(turn, signal, now) {
  const done = settle(now)
  if (done.value === undefined && done.error === undefined) return undefined
  return turn.then(() => {
    if (signal?.aborted) throw aborted(signal)
    if (done.error !== undefined) throw done.error
    return done.value
  })
}

/** @param {() => any} call @returns {{ value?: any, error?: unknown }} */
function settle(call) {
  try {
    return { value: call() }
  } catch (error) {
    return { error }
  }
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

module.exports = { INTERNAL, Session }
