'use strict'
// Reads arguments and options: names in every error, values in none.

const { types } = require('node:util')
const { invalidArgType, invalidArgValue } = require('./errors.js')

/**
 * Reads the named members of an options object, each once and before anything else happens:
 * a getter may run any code, even detach a buffer.
 *
 * @param {unknown} value
 * @param {string} path name of the options object, '' for the outermost
 * @param {readonly string[]} names every member that exists
 * @returns {Record<string, any>}
 */
function readOptions(value, path, names) {
  if (value === undefined) return {}
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value)
  ) {
    throw invalidArgType(path || 'options', 'must be an object')
  }
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) {
      throw invalidArgValue(member(path, printable(name)), 'is not an option')
    }
  }
  const source = /** @type {Record<string, any>} */ (value)
  return Object.fromEntries(names.map((name) => [name, source[name]]))
}

/** @param {string} path @param {string} name */
function member(path, name) {
  return path === '' ? name : `${path}.${name}`
}

/** An unknown name is shown only if it can be a name: a secret passed as options is not. @param {string} name */
function printable(name) {
  return /^[A-Za-z][A-Za-z0-9]{0,39}$/.test(name) ? name : '(unprintable name)'
}

/** @param {string} name @param {unknown} value @returns {string} */
function requireString(name, value) {
  if (typeof value !== 'string') throw invalidArgType(name, 'must be a string')
  if (!value.isWellFormed()) throw invalidArgValue(name, 'must be well-formed Unicode')
  return value
}

/** @param {string} name @param {unknown} value @returns {string} */
function requireNonEmptyString(name, value) {
  if (requireString(name, value) === '') throw invalidArgValue(name, 'must not be empty')
  return /** @type {string} */ (value)
}

/** @param {string} name @param {unknown} value @returns {boolean | undefined} */
function optionalBoolean(name, value) {
  if (value !== undefined && typeof value !== 'boolean') {
    throw invalidArgType(name, 'must be a boolean')
  }
  return value
}

/**
 * @param {string} name @param {unknown} value @param {number} min @param {number} max
 * @returns {number | undefined}
 */
function optionalInteger(name, value, min, max) {
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw invalidArgType(name, 'must be a number')
  if (!Number.isInteger(value) || value < min || value > max) {
    throw invalidArgValue(name, `must be an integer from ${min} to ${max}`)
  }
  return value
}

/**
 * @template {string} T
 * @param {string} name @param {unknown} value @param {readonly T[]} choices
 * @returns {T | undefined}
 */
function optionalChoice(name, value, choices) {
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw invalidArgType(name, 'must be a string')
  if (!choices.includes(/** @type {T} */ (value))) {
    throw invalidArgValue(
      name,
      `must be one of ${choices.map((choice) => `'${choice}'`).join(', ')}`,
    )
  }
  return /** @type {T} */ (value)
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 }
const TEN_YEARS = 3650 * SECONDS.d

/**
 * @param {string} name @param {unknown} value seconds, or a string such as '90d', '60m', '30s'
 * @param {number} min least number of seconds
 * @returns {number | undefined} seconds
 */
function optionalDuration(name, value, min) {
  if (value === undefined) return undefined
  if (typeof value !== 'number' && typeof value !== 'string') {
    throw invalidArgType(name, "must be a number of seconds or a string such as '90d'")
  }
  const seconds = typeof value === 'number' ? value : parseDuration(value)
  if (!(seconds >= min && seconds <= TEN_YEARS)) {
    throw invalidArgValue(
      name,
      `must be from ${min} seconds to 3650 days, in seconds or as '90d', '12h', '60m', '30s'`,
    )
  }
  return seconds
}

/** @param {string} text @returns {number} NaN if it is no duration */
function parseDuration(text) {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  return Number(count) * SECONDS[/** @type {keyof typeof SECONDS} */ (unit)]
}

/** @param {string} name @param {unknown} value @returns {string | Uint8Array} */
function requireData(name, value) {
  if (typeof value === 'string') return requireString(name, value)
  return requireBytes(name, value, 'must be a string or a Uint8Array')
}

/**
 * Text of a diff or a patch. Lone surrogates are fine: they come back as they were.
 *
 * @param {string} name @param {unknown} value @param {string} [requirement]
 * @returns {string | Uint8Array}
 */
function requireText(name, value, requirement = 'must be a string or a Uint8Array') {
  if (typeof value !== 'string' && !types.isUint8Array(value)) {
    throw invalidArgType(name, requirement)
  }
  return value
}

/** @param {string} name @param {unknown} value @param {string} [requirement] @returns {Uint8Array} */
function requireBytes(name, value, requirement = 'must be a Uint8Array') {
  if (!types.isUint8Array(value)) throw invalidArgType(name, requirement)
  return value
}

/** @param {unknown} value @returns {AbortSignal | undefined} */
function optionalSignal(value) {
  if (value === undefined) return undefined
  const signal = /** @type {AbortSignal | null} */ (value)
  if (
    typeof signal !== 'object' ||
    typeof signal?.aborted !== 'boolean' ||
    typeof signal.addEventListener !== 'function'
  ) {
    throw invalidArgType('signal', 'must be an AbortSignal')
  }
  return signal
}

module.exports = {
  optionalBoolean,
  optionalChoice,
  optionalDuration,
  optionalInteger,
  optionalSignal,
  readOptions,
  requireBytes,
  requireData,
  requireNonEmptyString,
  requireString,
  requireText,
}
