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
  if (value === undefined) return NO_OPTIONS
  if (!isRecord(value)) throw invalidArgType(path || 'options', 'must be an object')
  for (const name of Reflect.ownKeys(value)) {
    if (typeof name === 'symbol' || !names.includes(name)) {
      throw invalidArgValue(member(path, printable(name)), 'is not an option')
    }
  }
  return Object.fromEntries(names.map((name) => [name, readMember(value, name)]))
}

/** Without a prototype, so that nothing can be read from it. */
const NO_OPTIONS = Object.freeze(Object.create(null))

/**
 * Whether it can hold options or data: a literal or an object of a class, of any realm, but none of the
 * language's or the platform's own, whose members are something else.
 *
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.prototype.toString.call(value) === '[object Object]'
  )
}

/**
 * A member, unless it stands on the object that all objects inherit from: whoever puts one there reaches
 * every call of the process.
 *
 * @param {Record<string, any>} value @param {string} name
 */
function readMember(value, name) {
  for (let holder = value; holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (!Object.hasOwn(holder, name)) continue
    return holder !== value && Object.getPrototypeOf(holder) === null ? undefined : value[name]
  }
  return undefined
}

/** @param {string} path @param {string} name */
function member(path, name) {
  return path === '' ? name : `${path}.${name}`
}

/** An unknown name is shown only if it can be a name: a secret passed as options is not. @param {string | symbol} name */
function printable(name) {
  const isName = typeof name === 'string' && /^[A-Za-z][A-Za-z0-9]{0,39}$/.test(name)
  return isName ? name : '(unprintable name)'
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

/** @param {string} name @param {unknown} value */
function optionalString(name, value) {
  return value === undefined ? undefined : requireNonEmptyString(name, value)
}

/**
 * Reads options whose `type` says which others there are, and how they are read.
 *
 * @template T
 * @param {unknown} value
 * @param {string} path
 * @param {Record<string, { names: string[], read: (options: Record<string, any>) => T }>} types
 * @param {string} [byDefault] the type where none is given
 * @returns {T}
 */
function readByType(value, path, types, byDefault) {
  const all = new Set(Object.values(types).flatMap(({ names }) => names))
  const { type = byDefault, ...options } = readOptions(value, path, ['type', ...all])
  if (typeof type !== 'string' || !Object.hasOwn(types, type)) {
    const choices = Object.keys(types).map((name) => `'${name}'`)
    throw invalidArgValue(
      `${path}.type`,
      `must be ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`,
    )
  }
  const { names, read } = types[type]
  for (const name of Object.keys(options)) {
    if (options[name] !== undefined && !names.includes(name)) {
      throw invalidArgValue(`${path}.${name}`, `is not an option of type '${type}'`)
    }
  }
  return read(options)
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

/** A copy: what is read later must not change it. @param {string} path @param {unknown} value */
function requireArray(path, value) {
  if (!Array.isArray(value)) throw invalidArgType(path, 'must be an array')
  return Array.from(value)
}

/**
 * Refuses what native code would refuse without knowing the path: for bytes inside of options and objects.
 *
 * @template T
 * @param {string} path @param {T} value
 * @returns {T}
 */
function requireOwnMemory(path, value) {
  if (!types.isUint8Array(value)) return value
  const { buffer } = value
  if (types.isSharedArrayBuffer(buffer)) {
    throw invalidArgType(path, 'must not be backed by a SharedArrayBuffer')
  }
  if (value.length === 0 && isDetached(buffer)) {
    throw invalidArgType(path, 'must not be backed by a detached ArrayBuffer')
  }
  return value
}

/** Node.js 20 has no `detached`; a view of a detached buffer can't be made. @param {ArrayBuffer} buffer */
function isDetached(buffer) {
  try {
    return new Uint8Array(buffer) === undefined
  } catch {
    return true
  }
}

/** @param {unknown} value @returns {AbortSignal | undefined} */
function optionalSignal(value) {
  if (value === undefined) return undefined
  const signal = /** @type {AbortSignal | null} */ (value)
  if (
    typeof signal !== 'object' ||
    typeof signal?.aborted !== 'boolean' ||
    typeof signal.addEventListener !== 'function' ||
    typeof signal.removeEventListener !== 'function'
  ) {
    throw invalidArgType('signal', 'must be an AbortSignal')
  }
  return signal
}

module.exports = {
  isRecord,
  optionalBoolean,
  optionalChoice,
  optionalDuration,
  optionalInteger,
  optionalSignal,
  optionalString,
  readByType,
  readOptions,
  requireArray,
  requireBytes,
  requireData,
  requireNonEmptyString,
  requireOwnMemory,
  requireString,
  requireText,
}
