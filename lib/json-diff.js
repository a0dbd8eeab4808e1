'use strict'
// JsonDiff: two documents as text and the changes between them, and the views that are asked for.

const native = require('../native.js')
const { optionalBoolean, optionalChoice, requireArray, requireString } = require('./arguments.js')
const { documentText } = require('./documents.js')
const { illegalConstructor, invalidArgType } = require('./errors.js')
const { unifiedLayout } = require('./unified-layout.js')

/** @import { JsonDiff as Contract } from '../index.js' */
/** @typedef {{ context?: number, algorithm?: string, deadlineMs?: number }} Settings of a Differ */

/**
 * @typedef {object} Inside
 * @property {string | Uint8Array} oldText a string, or a copy of the caller's bytes
 * @property {string | Uint8Array} newText
 * @property {import('../native.js').DocumentComparison} comparison
 * @property {Settings} settings
 * @property {import('../native.js').JsonDiffFields} fields
 * @property {Record<string, any>} made what getters gave before
 */

/** Names of the options of `json()`, but for its signal. */
const OPTIONS = ['format', 'ignore', 'arrayKey', 'dropNulls', 'tests', 'profile']
/** @type {readonly ('json' | 'yaml')[]} */
const FORMATS = ['json', 'yaml']
/** @type {readonly ('exact' | 'flanksource')[]} */
const PROFILES = ['exact', 'flanksource']

/** Proof that the constructor was called by this package. */
const INTERNAL = Symbol('internal')

/** @type {(diff: unknown) => Inside} */
let inside
/** @type {(value: unknown) => value is JsonDiff} */
let isJsonDiff

/** @implements {Contract} */
class JsonDiff {
  /** @type {Inside} */ #inside

  static {
    isJsonDiff = (value) => typeof value === 'object' && value !== null && #inside in value
    inside = (diff) => {
      if (!isJsonDiff(diff)) throw invalidArgType('this', 'must be a JsonDiff')
      return diff.#inside
    }
  }

  /** @param {symbol} [proof] @param {Inside} [parts] */
  constructor(proof, parts) {
    if (proof !== INTERNAL || parts === undefined) {
      throw illegalConstructor('JsonDiff', 'new Differ().jsonSync(oldDoc, newDoc)')
    }
    this.#inside = parts
  }

  /** @type {Contract['patch']} */
  get patch() {
    return once(this, 'patch', ({ fields }) => JSON.parse(fields.patch))
  }

  get patchText() {
    return inside(this).fields.patch
  }

  /** @type {Contract['mergePatch']} */
  get mergePatch() {
    return once(this, 'mergePatch', () => {
      const text = this.mergePatchText
      return text === undefined ? undefined : JSON.parse(text)
    })
  }

  /** @type {Contract['mergePatchText']} */
  get mergePatchText() {
    return once(this, 'mergePatchText', ({ oldText, newText, comparison }) =>
      native.jsonMergePatch(oldText, newText, comparison),
    )
  }

  /** @type {Contract['paths']} */
  get paths() {
    return once(this, 'paths', ({ fields }) => JSON.parse(fields.paths))
  }

  get summary() {
    const { added, removed, replaced } = inside(this).fields
    return { added, removed, replaced }
  }

  get exact() {
    return inside(this).fields.isExact
  }

  /** @type {Contract['unified']} */
  unified(options) {
    const { oldText, newText, comparison, settings } = inside(this)
    const { layout } = unifiedLayout(options, settings.context)
    const { algorithm, deadlineMs } = settings
    const lines = /** @type {const} */ ({ unit: 'lines', algorithm, deadlineMs })
    return native.jsonUnified(oldText, newText, comparison, lines, layout)
  }
}

/**
 * What `make` gives, made once: a getter gives the same object each time.
 *
 * @param {JsonDiff} diff @param {string} name @param {(parts: Inside) => any} make
 * @returns {any}
 */
function once(diff, name, make) {
  const parts = inside(diff)
  if (!Object.hasOwn(parts.made, name)) parts.made[name] = make(parts)
  return parts.made[name]
}

/**
 * The documents of a call of `json()` as text, and how they are compared.
 *
 * @param {unknown} oldDoc @param {unknown} newDoc
 * @param {Record<string, any>} options read, but not checked
 * @param {Settings} settings
 */
function readComparison(oldDoc, newDoc, options, settings) {
  const format = optionalChoice('format', options.format, FORMATS) ?? 'json'
  const rules = {
    ignore: strings('ignore', options.ignore ?? []),
    arrayKey: strings('arrayKey', asList(options.arrayKey)),
    dropNulls: optionalBoolean('dropNulls', options.dropNulls),
    tests: optionalBoolean('tests', options.tests),
    profile: optionalChoice('profile', options.profile, PROFILES),
    deadlineMs: settings.deadlineMs,
  }
  const before = documentText('oldDoc', oldDoc, format)
  const after = documentText('newDoc', newDoc, format)
  return {
    oldText: before.text,
    newText: after.text,
    comparison: { ...rules, oldFormat: before.format, newFormat: after.format },
    settings,
  }
}

/**
 * Throws what a call of `json()` with these options would reject with. Pointers are read by native code alone, so
 * two documents are compared that are no work.
 *
 * @param {Record<string, any>} options read, but not checked
 */
function checkOptions(options) {
  const { oldText, newText, comparison } = readComparison(null, null, options, {})
  native.jsonDiff(oldText, newText, comparison)
}

/** @param {unknown} value */
function asList(value) {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/** @param {string} name @param {unknown} value */
function strings(name, value) {
  return requireArray(name, value).map((text, at) => requireString(`${name}[${at}]`, text))
}

/**
 * Keeps strings as they are, which nobody can change, and of bytes the copies.
 *
 * @param {ReturnType<typeof readComparison>} call
 * @param {import('../native.js').JsonDiffFields} fields
 */
function jsonDiff(call, fields) {
  const oldText = fields.oldBytes ?? call.oldText
  const newText = fields.newBytes ?? call.newText
  return new JsonDiff(INTERNAL, { ...call, oldText, newText, fields, made: {} })
}

/** The texts that a diff keeps; none of what is no diff. @param {unknown} value */
function heldTexts(value) {
  if (!isJsonDiff(value)) return []
  const { oldText, newText, fields } = inside(value)
  return [oldText, newText, fields.patch, fields.paths]
}

module.exports = { JsonDiff, OPTIONS, checkOptions, heldTexts, jsonDiff, readComparison }
