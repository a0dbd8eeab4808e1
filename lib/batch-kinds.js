'use strict'
// What `Differ.batch` can do with a pair: one entry a kind. To add one, say which members a pair has, which
// options the call takes, and what memory it needs.

const { types } = require('node:util')
const native = require('../native.js')
const { deltaLevel } = require('./delta.js')
const { documentScratch } = require('./document-scratch.js')
const { isReadAhead, readAhead } = require('./documents.js')
const json = require('./json-diff.js')
const merges = require('./merge.js')
const { rawLength } = require('./outputs.js')
const { heldBytes } = require('./text-diff.js')
const { unifiedLayout } = require('./unified-layout.js')

/** @import { Differ } from '../index.js' */
/** @typedef {Record<string, any>} Options read once, without `signal` */

/**
 * @typedef {object} Kind
 * @property {readonly string[]} inputs names of what a pair holds, in the order of the call's arguments
 * @property {readonly string[]} options names of what the call takes besides `signal`
 * @property {(options: Options) => void} check throws what each call would reject with
 * @property {(inputs: any[], options: Options) => any[]} read what the call gets, and by which it is measured
 * @property {(differ: Differ, inputs: any[], options: Options & { signal: AbortSignal }) => Promise<any>} call
 * @property {(sizes: number[], options: Options, inputs: any[]) => number} scratch bytes that the call takes beyond inputs and result
 * @property {(result: any) => number} held bytes of a result
 */

/**
 * Bytes that a merge takes for each of its texts, beyond them and the result. Measured: 0.2 to 2.5 where lines of 20
 * bytes or more have few changes, up to 5.8 where every second one is a conflict; lines of 8 bytes take up to 18.
 */
const MERGE_BYTES_PER_BYTE = 6
/** As measured in V8's heap. */
const CONFLICT_BYTES = 128

/** @type {Record<string, Kind>} */
const KINDS = {
  lines: ofUnit('lines'),
  words: ofUnit('words'),
  chars: ofUnit('chars'),
  graphemes: ofUnit('graphemes'),
  sentences: ofUnit('sentences'),
  unified: {
    inputs: ['old', 'new'],
    options: ['context', 'header', 'showFunction'],
    check: (options) => void unifiedLayout(options, undefined),
    read: asGiven,
    call: (differ, [oldText, newText], options) => differ.unified(oldText, newText, options),
    scratch: (sizes) => native.textScratch('lines', sum(sizes)),
    held: bytesOf,
  },
  delta: {
    inputs: ['old', 'new'],
    options: ['level'],
    check: ({ level }) => void deltaLevel(level),
    read: asGiven,
    call: (differ, [oldBytes, newBytes], options) => differ.delta(oldBytes, newBytes, options),
    scratch: ([oldLen = 0, newLen = 0], { level }) => native.deltaScratch(oldLen, newLen, level),
    held: bytesOf,
  },
  json: {
    inputs: ['old', 'new'],
    options: json.OPTIONS,
    check: json.checkOptions,
    // A value has no size before it is text, and its `toJSON` methods run once.
    read: ([oldDoc, newDoc], { format = 'json' }) => [
      readAhead('oldDoc', oldDoc, format),
      readAhead('newDoc', newDoc, format),
    ],
    call: (differ, [oldDoc, newDoc], options) => differ.json(oldDoc, newDoc, options),
    scratch: (sizes, _, documents) => sum(sizes) + sum(documents.map(documentScratch)),
    held: (diff) => sum(json.heldTexts(diff).map(bytesOf)),
  },
  merge: {
    inputs: ['base', 'ours', 'theirs'],
    options: merges.OPTIONS,
    check: (options) => void merges.mergeLayout(options, []),
    read: asGiven,
    call: (differ, [base, ours, theirs], options) => differ.merge(base, ours, theirs, options),
    scratch: (sizes) => MERGE_BYTES_PER_BYTE * sum(sizes),
    held: (merged) => bytesOf(merged?.text) + CONFLICT_BYTES * (merged?.conflicts?.length ?? 0),
  },
}

/** @param {import('./differ.js').Unit} unit @returns {Kind} */
function ofUnit(unit) {
  return {
    inputs: ['old', 'new'],
    options: [],
    check: () => {},
    read: asGiven,
    call: (differ, [oldText, newText], options) => differ[unit](oldText, newText, options),
    scratch: (sizes) => native.textScratch(unit, sum(sizes)),
    held: heldBytes,
  }
}

/** @param {any[]} inputs */
function asGiven(inputs) {
  return inputs
}

/**
 * The most bytes that a call is expected to hold at once: its inputs, the copies that it works on, a result as
 * large as them, and what the work takes.
 *
 * @param {Kind} kind @param {unknown[]} inputs @param {Options} options
 */
function cost(kind, inputs, options) {
  const sizes = inputs.map(bytesOf)
  return 3 * sum(sizes) + kind.scratch(sizes, options, inputs)
}

/**
 * Bytes of a text; of a string those that V8 needs at most. 0 for what is none.
 *
 * @param {unknown} text
 * @returns {number}
 */
function bytesOf(text) {
  if (typeof text === 'string') return 2 * text.length
  if (types.isUint8Array(text)) return rawLength(text)
  return isReadAhead(text) ? bytesOf(text.text) : 0
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}

module.exports = { KINDS, cost }
