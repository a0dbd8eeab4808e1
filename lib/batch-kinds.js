'use strict'
// What `Differ.batch` can do with a pair: one entry a kind. To add one, say which members a pair has, which
// options the call takes, and what memory it needs.

const { types } = require('node:util')
const native = require('../native.js')
const { deltaLevel } = require('./delta.js')
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
 * @property {(differ: Differ, inputs: any[], options: Options & { signal: AbortSignal }) => Promise<any>} call
 * @property {(sizes: number[], options: Options) => number} scratch bytes that the call takes beyond inputs and result
 */

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
    call: (differ, [oldText, newText], options) => differ.unified(oldText, newText, options),
    scratch: (sizes) => native.textScratch('lines', sum(sizes)),
  },
  delta: {
    inputs: ['old', 'new'],
    options: ['level'],
    check: ({ level }) => void deltaLevel(level),
    call: (differ, [oldBytes, newBytes], options) => differ.delta(oldBytes, newBytes, options),
    scratch: ([oldLen = 0, newLen = 0], { level }) => native.deltaScratch(oldLen, newLen, level),
  },
}

/** @param {import('./differ.js').Unit} unit @returns {Kind} */
function ofUnit(unit) {
  return {
    inputs: ['old', 'new'],
    options: [],
    check: () => {},
    call: (differ, [oldText, newText], options) => differ[unit](oldText, newText, options),
    scratch: (sizes) => native.textScratch(unit, sum(sizes)),
  }
}

/**
 * The most bytes that a call is expected to hold at once: its inputs, the copies that it works on, a result as
 * large as them, and what the work takes.
 *
 * @param {Kind} kind @param {unknown[]} inputs @param {Options} options
 */
function cost(kind, inputs, options) {
  const sizes = inputs.map(bytesOf)
  return 3 * sum(sizes) + kind.scratch(sizes, options)
}

/**
 * Bytes of an input or a result; of a string those that V8 needs at most.
 *
 * @param {unknown} value
 * @returns {number}
 */
function bytesOf(value) {
  if (typeof value === 'string') return 2 * value.length
  if (types.isUint8Array(value)) return rawLength(value)
  return heldBytes(value)
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}

module.exports = { KINDS, bytesOf, cost }
