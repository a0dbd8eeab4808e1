'use strict'
// The errors that this half of the adapter makes itself; all others come from Rust complete.
// No message repeats the value of an argument: it may be a secret.

const { ErrorCode } = require('./error-code.js')

const codes = new Set(Object.values(ErrorCode))

/**
 * @template {Error} E
 * @param {E} error
 * @param {import('../index.js').ErrorCode} code
 * @param {string} [hint]
 * @returns {E & import('../index.js').SealdiffError}
 */
function coded(error, code, hint) {
  return Object.assign(error, { code, retryable: false }, hint === undefined ? {} : { hint })
}

/** @param {string} name @param {string} requirement as in "must be a string" */
function invalidArgType(name, requirement) {
  return coded(new TypeError(`${name} ${requirement}`), ErrorCode.ERR_INVALID_ARG_TYPE)
}

/**
 * @param {string} name @param {string} requirement as in "must not be empty"
 * @param {unknown} [cause] what the caller's own code threw
 */
function invalidArgValue(name, requirement, cause) {
  const error = new RangeError(`${name} ${requirement}`, cause === undefined ? {} : { cause })
  return coded(error, ErrorCode.ERR_INVALID_ARG_VALUE)
}

/** @param {string} className @param {string} instead what to call */
function illegalConstructor(className, instead) {
  const error = new TypeError(`${className} has no public constructor`)
  return coded(error, ErrorCode.ERR_ILLEGAL_CONSTRUCTOR, `use ${instead}`)
}

/** A stream whose source has less than it said. */
function streamTruncated() {
  const error = new Error('the record is malformed: it is truncated')
  return coded(error, ErrorCode.ERR_RECORD_INVALID)
}

function dataTooLarge() {
  const error = new Error('the result is larger than a JavaScript value can be')
  return coded(error, ErrorCode.ERR_DATA_TOO_LARGE, 'split the range')
}

function sessionClosed() {
  return coded(new Error('the session or its factory is closed'), ErrorCode.ERR_SESSION_CLOSED)
}

/** @param {AbortSignal} signal */
function aborted(signal) {
  const error = new Error('the operation was aborted', { cause: signal.reason })
  error.name = 'AbortError'
  return coded(error, ErrorCode.ABORT_ERR)
}

/**
 * @param {unknown} error
 * @returns {error is import('../index.js').SealdiffError}
 */
function isSealdiffError(error) {
  if (typeof error !== 'object' || error === null) return false
  const { code, retryable } = /** @type {Record<string, unknown>} */ (error)
  return typeof retryable === 'boolean' && codes.has(/** @type {any} */ (code))
}

module.exports = {
  aborted,
  dataTooLarge,
  illegalConstructor,
  invalidArgType,
  invalidArgValue,
  isSealdiffError,
  sessionClosed,
  streamTruncated,
}
