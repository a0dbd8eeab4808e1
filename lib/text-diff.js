'use strict'
// TextDiff: gives views of a native object that holds two texts and their difference.

const native = require('../native.js')
const { optionalInteger } = require('./arguments.js')
const { illegalConstructor, invalidArgType } = require('./errors.js')
const { MAX_CONTEXT, unifiedLayout } = require('./unified-layout.js')

/** @import { TextDiff as Contract } from '../index.js' */
/** @typedef {{ compared: any, context: number | undefined }} Inside the native object, and the context of its Differ */

/** Proof that the constructor was called by this package. */
const INTERNAL = Symbol('internal')

/** @type {(diff: unknown) => Inside} */
let inside

/** @implements {Contract<any>} */
class TextDiff {
  /** @type {Inside} */ #inside

  static {
    inside = (diff) => {
      if (typeof diff !== 'object' || diff === null || !(#inside in diff)) {
        throw invalidArgType('this', 'must be a TextDiff')
      }
      return diff.#inside
    }
  }

  /** @param {symbol} [proof] @param {unknown} [compared] @param {number} [context] */
  constructor(proof, compared, context) {
    if (proof !== INTERNAL) {
      throw illegalConstructor('TextDiff', 'new Differ().linesSync(oldText, newText)')
    }
    this.#inside = { compared, context }
  }

  get stats() {
    const { compared, context } = inside(this)
    return native.textDiffStats(compared, context)
  }

  get exact() {
    return native.textDiffIsExact(inside(this).compared)
  }

  /** @type {Contract['ops']} */
  ops() {
    return native.textDiffOps(inside(this).compared)
  }

  /** @type {Contract<any>['changes']} */
  changes() {
    return native.textDiffChanges(inside(this).compared)
  }

  /** @type {Contract<any>['hunks']} */
  hunks(context) {
    const diff = inside(this)
    const radius = optionalInteger('context', context, 0, MAX_CONTEXT) ?? diff.context
    return native.textDiffHunks(diff.compared, radius)
  }

  /** @type {Contract<any>['unified']} */
  unified(options) {
    const { compared, context } = inside(this)
    return native.textDiffUnified(compared, unifiedLayout(options, context).layout)
  }
}

module.exports = { INTERNAL, TextDiff }
