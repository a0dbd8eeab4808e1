'use strict'
// Differ: the options of diffs, read and checked once, and the calls that they apply to.

const native = require('../native.js')
const { abortable } = require('./abortable.js')
const {
  optionalBoolean,
  optionalChoice,
  optionalInteger,
  optionalSignal,
  readOptions,
  requireText,
} = require('./arguments.js')
const { invalidArgType } = require('./errors.js')
const json = require('./json-diff.js')
const { lazy } = require('./lazy.js')
const { INTERNAL, TextDiff } = require('./text-diff.js')
const { MAX_CONTEXT, unifiedLayout } = require('./unified-layout.js')

const batches = lazy(() => require('./batch.js'))
const deltas = lazy(() => require('./delta.js'))
const merges = lazy(() => require('./merge.js'))

/** @import { Differ as Contract, DiffAlgorithm } from '../index.js' */
/** @typedef {ReturnType<typeof readSettings>} Settings */
/** @typedef {import('../native.js').Comparison['unit']} Unit */

const OPTIONS = [
  'algorithm',
  'context',
  'ignoreWhitespace',
  'ignoreCase',
  'deadlineMs',
  'maxMemoryBytes',
  'concurrency',
]
/** @type {readonly DiffAlgorithm[]} */
const ALGORITHMS = ['auto', 'minimal', 'patience', 'histogram']
const MAX_CONCURRENCY = 1024
/** As for timers. */
const MAX_DEADLINE_MS = 0x7fffffff

/** @type {(differ: unknown) => Settings} */
let settingsOf

/** @implements {Contract} */
class Differ {
  /** @type {Settings} */ #settings

  static {
    settingsOf = (differ) => {
      if (typeof differ !== 'object' || differ === null || !(#settings in differ)) {
        throw invalidArgType('this', 'must be a Differ')
      }
      return differ.#settings
    }
  }

  /** @param {import('../index.js').DifferOptions} [options] */
  constructor(options) {
    this.#settings = readSettings(options)
  }

  /** @type {Contract['lines']} */
  async lines(oldText, newText, options) {
    return compare(this, 'lines', oldText, newText, options)
  }

  /** @type {Contract['linesSync']} */
  linesSync(oldText, newText, ...rest) {
    return compareSync(this, 'lines', oldText, newText, rest)
  }

  /** @type {Contract['words']} */
  async words(oldText, newText, options) {
    return compare(this, 'words', oldText, newText, options)
  }

  /** @type {Contract['wordsSync']} */
  wordsSync(oldText, newText, ...rest) {
    return compareSync(this, 'words', oldText, newText, rest)
  }

  /** @type {Contract['chars']} */
  async chars(oldText, newText, options) {
    return compare(this, 'chars', oldText, newText, options)
  }

  /** @type {Contract['charsSync']} */
  charsSync(oldText, newText, ...rest) {
    return compareSync(this, 'chars', oldText, newText, rest)
  }

  /** @type {Contract['graphemes']} */
  async graphemes(oldText, newText, options) {
    return compare(this, 'graphemes', oldText, newText, options)
  }

  /** @type {Contract['graphemesSync']} */
  graphemesSync(oldText, newText, ...rest) {
    return compareSync(this, 'graphemes', oldText, newText, rest)
  }

  /** @type {Contract['sentences']} */
  async sentences(oldText, newText, options) {
    return compare(this, 'sentences', oldText, newText, options)
  }

  /** @type {Contract['sentencesSync']} */
  sentencesSync(oldText, newText, ...rest) {
    return compareSync(this, 'sentences', oldText, newText, rest)
  }

  /** @type {Contract['merge']} */
  async merge(base, ours, theirs, options) {
    return merges().merge(inUnit(this, 'lines'), [base, ours, theirs], options)
  }

  /** @type {Contract['mergeSync']} */
  mergeSync(base, ours, theirs, options) {
    return merges().mergeSync(inUnit(this, 'lines'), [base, ours, theirs], options)
  }

  /** @type {Contract['unified']} */
  async unified(oldText, newText, options) {
    const comparison = inUnit(this, 'lines')
    const { layout, read } = unifiedLayout(options, comparison.context, ['signal'])
    const signal = optionalSignal(read.signal)
    requireTexts(oldText, newText)
    return /** @type {Promise<any>} */ (
      abortable(signal, (id) => native.unifiedDiffAsync(oldText, newText, comparison, layout, id))
    )
  }

  /** @type {Contract['unifiedSync']} */
  unifiedSync(oldText, newText, options) {
    const comparison = inUnit(this, 'lines')
    const { layout } = unifiedLayout(options, comparison.context)
    requireTexts(oldText, newText)
    return /** @type {any} */ (native.unifiedDiff(oldText, newText, comparison, layout))
  }

  /** @type {Contract['delta']} */
  async delta(oldBytes, newBytes, options) {
    settingsOf(this)
    return deltas().makeDelta(oldBytes, newBytes, options)
  }

  /** @type {Contract['deltaSync']} */
  deltaSync(oldBytes, newBytes, options) {
    settingsOf(this)
    return deltas().makeDeltaSync(oldBytes, newBytes, options)
  }

  /** @type {Contract['applyDelta']} */
  async applyDelta(oldBytes, delta, options) {
    settingsOf(this)
    return deltas().applyDelta(oldBytes, delta, options)
  }

  /** @type {Contract['applyDeltaSync']} */
  applyDeltaSync(oldBytes, delta, options) {
    settingsOf(this)
    return deltas().applyDeltaSync(oldBytes, delta, options)
  }

  /**
   * @param {unknown} pairs @param {unknown} kind @param {unknown} [options]
   * @returns {AsyncGenerator<any, undefined, undefined>}
   */
  batch(pairs, kind, options) {
    const { Batch } = batches()
    return new Batch(this, settingsOf(this), { pairs, kind, options }).results()
  }

  /** @type {Contract['json']} */
  async json(oldDoc, newDoc, options) {
    const settings = settingsOf(this)
    const { signal, ...read } = readOptions(options, '', [...json.OPTIONS, 'signal'])
    const checked = optionalSignal(signal)
    const call = json.readComparison(oldDoc, newDoc, read, settings)
    const fields = await abortable(checked, (id) =>
      native.jsonDiffAsync(call.oldText, call.newText, call.comparison, id),
    )
    return json.jsonDiff(call, fields)
  }

  /** @type {Contract['jsonSync']} */
  jsonSync(oldDoc, newDoc, options) {
    const settings = settingsOf(this)
    const read = readOptions(options, '', json.OPTIONS)
    const call = json.readComparison(oldDoc, newDoc, read, settings)
    return json.jsonDiff(call, native.jsonDiff(call.oldText, call.newText, call.comparison))
  }
}

/** @param {unknown} options */
function readSettings(options) {
  const read = readOptions(options, '', OPTIONS)
  const { algorithm, context, ignoreWhitespace, ignoreCase, deadlineMs } = read
  const { maxMemoryBytes, concurrency } = read
  return {
    algorithm: optionalChoice('algorithm', algorithm, ALGORITHMS),
    context: optionalInteger('context', context, 0, MAX_CONTEXT),
    ignoreWhitespace: optionalBoolean('ignoreWhitespace', ignoreWhitespace),
    ignoreCase: optionalBoolean('ignoreCase', ignoreCase),
    deadlineMs: optionalInteger('deadlineMs', deadlineMs, 0, MAX_DEADLINE_MS),
    maxMemoryBytes: optionalInteger('maxMemoryBytes', maxMemoryBytes, 1, Number.MAX_SAFE_INTEGER),
    concurrency: optionalInteger('concurrency', concurrency, 1, MAX_CONCURRENCY),
  }
}

/** @param {Differ} differ @param {Unit} unit */
function inUnit(differ, unit) {
  return { ...settingsOf(differ), unit }
}

/**
 * @param {Differ} differ @param {Unit} unit
 * @param {unknown} oldText @param {unknown} newText @param {unknown} options
 * @returns {Promise<any>}
 */
async function compare(differ, unit, oldText, newText, options) {
  const comparison = inUnit(differ, unit)
  const signal = optionalSignal(readOptions(options, '', ['signal']).signal)
  requireTexts(oldText, newText)
  const compared = await abortable(signal, (id) =>
    native.compareAsync(oldText, newText, comparison, id),
  )
  return textDiff(oldText, newText, comparison, compared)
}

/**
 * @param {Differ} differ @param {Unit} unit
 * @param {unknown} oldText @param {unknown} newText
 * @param {unknown[]} rest options that the sync forms don't have
 * @returns {any}
 */
function compareSync(differ, unit, oldText, newText, [options]) {
  const comparison = inUnit(differ, unit)
  readOptions(options, '', [])
  requireTexts(oldText, newText)
  const compared = native.compare(oldText, newText, comparison)
  return textDiff(oldText, newText, comparison, compared)
}

/**
 * Keeps strings as they are, which nobody can change, and of bytes the copies.
 *
 * @param {any} oldText @param {any} newText
 * @param {ReturnType<typeof inUnit>} comparison
 * @param {import('../native.js').ComparedFields} compared
 */
function textDiff(oldText, newText, comparison, compared) {
  return new TextDiff(INTERNAL, {
    oldText: compared.oldBytes ?? oldText,
    newText: compared.newBytes ?? newText,
    script: { unit: comparison.unit, ops: compared.ops },
    isExact: compared.isExact,
    stats: compared.stats,
    comparison,
  })
}

/** @param {unknown} oldText @param {unknown} newText */
function requireTexts(oldText, newText) {
  requireText('oldText', oldText)
  requireText('newText', newText)
}

module.exports = { Differ }
