'use strict'
// Documents on their way to Rust: as text, whatever they were.

const { types } = require('node:util')
const { requireOwnMemory } = require('./arguments.js')
const { invalidArgType, invalidArgValue } = require('./errors.js')

/** @typedef {'json' | 'yaml'} Format */
/** @typedef {{ text: string | Uint8Array, format: Format, isValue: boolean }} DocumentText */

const DOCUMENT = 'must be a value that JSON can hold, or text as a string or a Uint8Array'

/** What {@link readAhead} gave: no object of anybody else's passes for one. @type {WeakSet<object>} */
const ahead = new WeakSet()

/**
 * The text of a document. Strings and bytes are text already; all else is a value, and runs its
 * `toJSON` methods here.
 *
 * @param {string} name
 * @param {unknown} value
 * @param {Format} format of text
 * @returns {DocumentText}
 */
function documentText(name, value, format) {
  if (isReadAhead(value)) return value
  if (typeof value === 'string' || types.isUint8Array(value)) {
    return { text: requireOwnMemory(name, value), format, isValue: false }
  }
  return { text: jsonText(name, value), format: 'json', isValue: true }
}

/**
 * A document's text before the call that takes it: who has to know its size first makes it once. Calls take what
 * this gives for the document itself.
 *
 * @type {typeof documentText}
 */
function readAhead(name, value, format) {
  const document = documentText(name, value, format)
  ahead.add(document)
  return document
}

/** @param {unknown} value @returns {value is DocumentText} */
function isReadAhead(value) {
  return typeof value === 'object' && value !== null && ahead.has(value)
}

/** @param {string} name @param {unknown} value @returns {string} */
function jsonText(name, value) {
  // What these hold isn't what JSON.stringify makes of them.
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
    throw invalidArgType(name, DOCUMENT)
  }
  const text = stringified(name, value)
  if (text === undefined) throw invalidArgType(name, DOCUMENT)
  return text
}

/** @param {string} name @param {unknown} value @returns {string | undefined} */
function stringified(name, value) {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw invalidArgValue(name, 'must be a value that JSON can hold', cause)
  }
}

module.exports = { documentText, isReadAhead, readAhead }
