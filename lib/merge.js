'use strict'
// Three-way merges: their options, and the result as users see it.

const native = require('../native.js')
const { abortable } = require('./abortable.js')
const {
  optionalChoice,
  optionalSignal,
  readOptions,
  requireString,
  requireText,
} = require('./arguments.js')
const { invalidArgValue } = require('./errors.js')

/** @typedef {import('../native.js').Comparison} Comparison */

/** @type {readonly ('merge' | 'diff3' | 'zdiff3')[]} */
const STYLES = ['merge', 'diff3', 'zdiff3']
/** Names of the options of `merge()`, but for its signal. */
const OPTIONS = ['style', 'labels']

/**
 * @param {Comparison} comparison @param {unknown[]} texts base, ours and theirs
 * @param {unknown} options
 * @returns {Promise<any>}
 */
async function merge(comparison, texts, options) {
  const { layout, read } = mergeLayout(options, ['signal'])
  const signal = optionalSignal(read.signal)
  const [base, ours, theirs] = requireTexts(texts)
  const merged = await abortable(signal, (id) =>
    native.mergeTextsAsync(base, ours, theirs, comparison, layout, id),
  )
  return mergeResult(merged)
}

/**
 * @param {Comparison} comparison @param {unknown[]} texts base, ours and theirs
 * @param {unknown} options
 * @returns {any}
 */
function mergeSync(comparison, texts, options) {
  const { layout } = mergeLayout(options, [])
  const [base, ours, theirs] = requireTexts(texts)
  return mergeResult(native.mergeTexts(base, ours, theirs, comparison, layout))
}

/** @param {unknown} options @param {readonly string[]} others names of options that are not read here */
function mergeLayout(options, others) {
  const read = readOptions(options, '', [...OPTIONS, ...others])
  const labels = readOptions(read.labels, 'labels', ['base', 'ours', 'theirs'])
  const layout = {
    style: optionalChoice('style', read.style, STYLES),
    baseLabel: label('labels.base', labels.base),
    ourLabel: label('labels.ours', labels.ours),
    theirLabel: label('labels.theirs', labels.theirs),
  }
  return { layout, read }
}

/** @param {string} name @param {unknown} value */
function label(name, value) {
  if (value === undefined) return undefined
  const text = requireString(name, value)
  if (/[\n\r]/.test(text)) throw invalidArgValue(name, 'must not hold line ends')
  return text
}

/** @param {unknown[]} texts */
function requireTexts([base, ours, theirs]) {
  return [requireText('base', base), requireText('ours', ours), requireText('theirs', theirs)]
}

/** @param {import('../native.js').MergeFields} merged */
function mergeResult({ text, conflicts, isExact }) {
  return { text, conflicts, isClean: conflicts.length === 0, exact: isExact }
}

module.exports = { OPTIONS, merge, mergeLayout, mergeSync }
