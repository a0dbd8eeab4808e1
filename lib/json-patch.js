'use strict'
// Patches of documents, applied. A document comes back as what it was: text, bytes or a value.

const native = require('../native.js')
const { documentText } = require('./documents.js')

/**
 * @param {unknown} doc @param {unknown} patch
 * @returns {any}
 */
function applyJsonPatch(doc, patch) {
  return apply(native.applyJsonPatch, doc, patch)
}

/**
 * @param {unknown} doc @param {unknown} patch
 * @returns {any}
 */
function applyMergePatch(doc, patch) {
  return apply(native.applyMergePatch, doc, patch)
}

/**
 * @param {(doc: unknown, patch: unknown) => string | Buffer} applied
 * @param {unknown} doc @param {unknown} patch
 */
function apply(applied, doc, patch) {
  const before = documentText('doc', doc, 'json')
  const change = documentText('patch', patch, 'json')
  const after = applied(before.text, change.text)
  return before.isValue ? JSON.parse(/** @type {string} */ (after)) : after
}

module.exports = { applyJsonPatch, applyMergePatch }
