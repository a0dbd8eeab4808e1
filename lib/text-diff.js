'use strict'
// TextDiff: two texts and the edit script between them, and the views of them that are asked for.

const native = require('../native.js')
const { abortable } = require('./abortable.js')
const { optionalBoolean, optionalInteger, readOptions } = require('./arguments.js')
const { illegalConstructor, invalidArgType } = require('./errors.js')
const { lazy } = require('./lazy.js')
const { MAX_CONTEXT, unifiedLayout } = require('./unified-layout.js')

const show = lazy(() => require('./show-layout.js'))

/** @import { TextDiff as Contract } from '../index.js' */

/**
 * @typedef {object} Inside
 * @property {string | Uint8Array} oldText a string, or a copy of the caller's bytes
 * @property {string | Uint8Array} newText
 * @property {import('../native.js').ScriptFields} script
 * @property {boolean} isExact
 * @property {import('../index.js').DiffStats} stats
 * @property {import('../native.js').Comparison} comparison the options of the Differ
 */

/** Proof that the constructor was called by this package. */
const INTERNAL = Symbol('internal')

/** @type {(diff: unknown) => Inside} */
let inside
/** @type {(value: unknown) => value is TextDiff} */
let isTextDiff

/** @implements {Contract<any>} */
class TextDiff {
  /** @type {Inside} */ #inside

  static {
    isTextDiff = (value) => typeof value === 'object' && value !== null && #inside in value
    inside = (diff) => {
      if (!isTextDiff(diff)) throw invalidArgType('this', 'must be a TextDiff')
      return diff.#inside
    }
  }

  /** @param {symbol} [proof] @param {Inside} [parts] */
  constructor(proof, parts) {
    if (proof !== INTERNAL || parts === undefined) {
      throw illegalConstructor('TextDiff', 'new Differ().linesSync(oldText, newText)')
    }
    this.#inside = parts
  }

  get stats() {
    return { ...inside(this).stats }
  }

  get exact() {
    return inside(this).isExact
  }

  /** @type {Contract['ops']} */
  ops() {
    return inside(this).script.ops.slice()
  }

  /** @type {Contract<any>['changes']} */
  changes() {
    const { oldText, newText, script } = inside(this)
    return native.textDiffChanges(oldText, newText, script)
  }

  /** @type {Contract<any>['hunks']} */
  hunks(options) {
    const { oldText, newText, script, comparison } = inside(this)
    const { context, inline } = hunkOptions(options)
    const radius = context ?? comparison.context
    if (!inline) return native.textDiffHunks(oldText, newText, script, radius)
    return native
      .textDiffMarkedHunks(oldText, newText, script, comparison, radius)
      .map((marked) => ({ ...marked.hunk, inline: marked.inline }))
  }

  /** @type {Contract<any>['unified']} */
  unified(options) {
    const { oldText, newText, script, comparison } = inside(this)
    const { layout } = unifiedLayout(options, comparison.context)
    return native.textDiffUnified(oldText, newText, script, layout)
  }

  /** @type {Contract['ansi']} */
  ansi(options) {
    const { oldText, newText, script, comparison } = inside(this)
    const layout = show().ansiLayout(options, comparison.context)
    return native.textDiffAnsi(oldText, newText, script, comparison, layout)
  }

  /** @type {Contract['html']} */
  html(options) {
    const { oldText, newText, script, comparison } = inside(this)
    const { layout } = show().htmlLayout(options, comparison.context)
    return native.textDiffHtml(oldText, newText, script, comparison, layout)
  }

  /** @type {Contract['htmlAsync']} */
  async htmlAsync(options) {
    const { oldText, newText, script, comparison } = inside(this)
    const { layout, signal } = show().htmlLayout(options, comparison.context, ['signal'])
    return abortable(signal, (id) =>
      native.textDiffHtmlAsync(oldText, newText, script, comparison, layout, id),
    )
  }
}

/** @param {unknown} options of hunks(): an object, or the context alone */
function hunkOptions(options) {
  const isObject = typeof options === 'object' && options !== null
  const read = isObject ? readOptions(options, '', ['context', 'inline']) : { context: options }
  return {
    context: optionalInteger('context', read.context, 0, MAX_CONTEXT),
    inline: optionalBoolean('inline', read.inline),
  }
}

/** Bytes of the script and of the texts that a diff keeps; 0 for what is none. @param {unknown} value */
function heldBytes(value) {
  if (!isTextDiff(value)) return 0
  const { oldText, newText, script } = inside(value)
  const texts = [oldText, newText].map((text) =>
    typeof text === 'string' ? 2 * text.length : text.byteLength,
  )
  return script.ops.byteLength + (texts[0] ?? 0) + (texts[1] ?? 0)
}

module.exports = { INTERNAL, TextDiff, heldBytes }
