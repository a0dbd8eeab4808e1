'use strict'
// How much memory comparing documents takes beyond them, for `Differ.batch`, which asks before it compares.

const { rawLength } = require('./outputs.js')

/** @import { DocumentText } from './documents.js' */

/**
 * Bytes that a value takes: its node, its class, and a change at its path. Measured on documents of 3 to 12 MB: 30 to
 * 125 with few changes, 50 to 145 where the documents have little in common, up to 210 where short keys all differ.
 */
const VALUE_BYTES = 200

/** A text that is longer than all windows together is judged by as many stretches of it, evenly apart. */
const WINDOWS = 64
const WINDOW_LENGTH = 1024

/** What begins a value, or stands between two. Those that stand in strings only make the estimate larger. */
const MARKS = { json: marks('[{,'), yaml: marks('[{,:-') }

/** @param {DocumentText} document */
function documentScratch({ text, format }) {
  return VALUE_BYTES * (1 + marksOf(text, MARKS[format]))
}

/**
 * Marks in a text, counted up to 64 KiB. Of what is longer an estimate: counting it all would hold up the event loop
 * for longer than copying it does.
 *
 * @param {string | Uint8Array} text @param {Uint8Array} marks
 */
function marksOf(text, marks) {
  const length = rawLength(text)
  if (length <= WINDOWS * WINDOW_LENGTH) return countMarks(text, 0, length, marks)
  const distance = (length - WINDOW_LENGTH) / (WINDOWS - 1)
  let count = 0
  for (let window = 0; window < WINDOWS; window++) {
    const start = Math.floor(window * distance)
    count += countMarks(text, start, start + WINDOW_LENGTH, marks)
  }
  return Math.ceil((count * length) / (WINDOWS * WINDOW_LENGTH))
}

/**
 * Bytes are read in place: their methods are their owner's.
 *
 * @param {string | Uint8Array} text @param {number} start @param {number} end @param {Uint8Array} marks
 */
function countMarks(text, start, end, marks) {
  if (typeof text === 'string') {
    const bytes = Buffer.from(text.slice(start, end))
    return countMarks(bytes, 0, bytes.length, marks)
  }
  let count = 0
  for (let at = start; at < end; at++) count += marks[text[at] ?? 0] ?? 0
  return count
}

/** A table with 1 at these characters. @param {string} characters */
function marks(characters) {
  const table = new Uint8Array(256)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}

module.exports = { documentScratch }
