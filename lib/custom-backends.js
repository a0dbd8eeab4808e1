'use strict'
// A user's own metastore or key management service: checks that the methods are there, and wraps each so that
// it always gives a promise of a checked value. Native code calls the wrappers, never the object.

const { types } = require('node:util')
const { invalidArgType } = require('./errors.js')

/** @import { CustomKms, CustomMetastore } from '../index.js' */

const KEY_LENGTH = 32

/** @param {object} value */
function metastoreMethods(value) {
  const metastore = /** @type {CustomMetastore} */ (value)
  requireMethods('metastore', metastore, ['load', 'loadLatest', 'store'])
  return {
    /** @param {string} id @param {number} created */
    load: async (id, created) => requireRow('load', await metastore.load(id, created)),
    /** @param {string} id */
    loadLatest: async (id) => requireRow('loadLatest', await metastore.loadLatest(id)),
    /** @param {string} id @param {number} created @param {string} record */
    store: async (id, created, record) => {
      const stored = await metastore.store(id, created, record)
      if (typeof stored !== 'boolean') {
        throw invalidArgType('metastore.store()', 'must resolve to a boolean')
      }
      return stored
    },
  }
}

/** @param {object} value */
function kmsMethods(value) {
  const kms = /** @type {CustomKms} */ (value)
  requireMethods('kms', kms, ['encryptKey', 'decryptKey'])
  return {
    encryptKey: answering('encryptKey', (/** @type {Uint8Array} */ key) => kms.encryptKey(key)),
    decryptKey: answering(
      'decryptKey',
      (/** @type {Uint8Array} */ encryptedKey) => kms.decryptKey(encryptedKey),
      KEY_LENGTH,
    ),
  }
}

/**
 * An error with `retryable: false` is a refusal, which ends a cached key at once; any other one is an outage,
 * during which it serves for the grace.
 *
 * @param {string} name @param {(bytes: Uint8Array) => unknown} method @param {number} [length]
 */
function answering(name, method, length) {
  return async (/** @type {Uint8Array} */ bytes) => {
    try {
      const answer = await method(bytes)
      if (!types.isUint8Array(answer) || (length ?? answer.length) !== answer.length) {
        const what = length === undefined ? 'a Uint8Array' : `a Uint8Array of ${length} bytes`
        throw invalidArgType(`kms.${name}()`, `must resolve to ${what}`)
      }
      return answer
    } catch (error) {
      if (/** @type {{ retryable?: unknown }} */ (error)?.retryable !== false) throw error
      return { refused: error }
    }
  }
}

/** @param {string} path @param {object} value @param {string[]} names */
function requireMethods(path, value, names) {
  for (const name of names) {
    if (typeof (/** @type {Record<string, unknown>} */ (value)[name]) !== 'function') {
      throw invalidArgType(`${path}.${name}`, 'must be a function')
    }
  }
}

/** @param {string} name @param {unknown} row @returns {string | null} */
function requireRow(name, row) {
  if (row === null || row === undefined) return null
  if (typeof row !== 'string') {
    throw invalidArgType(`metastore.${name}()`, 'must resolve to a string or null')
  }
  return row
}

module.exports = { kmsMethods, metastoreMethods }
