'use strict'
// How much of a turn of the event loop goes to calls that are made at once, instead of on another thread.

const { setImmediate } = require('node:timers')

/**
 * 64 KiB of data and what a record adds to them: 20 µs for a sealed record, about what a hop to another
 * thread costs.
 */
const LONGEST = 64 * 1024 + 128
/** Most records of one call: 0.1 ms. */
const MOST = 64
/** What a record costs besides its data, as bytes of a sealed record that take as long. */
const CALL = 8 * 1024
/** The same for what a turn has: about a millisecond. */
const TURN = 4 * 1024 * 1024

let left = TURN
let isTurnAwaited = false

/**
 * Whether a call on records of that length together may be made at once. A loop that awaits such calls takes no turn
 * of the event loop by itself: once in so many it gets one.
 *
 * @param {number} length
 * @param {number} weight how much longer than sealing it takes
 * @param {number} [count] how many records
 */
function isForNow(length, weight, count = 1) {
  if (length > LONGEST || count > MOST || left <= 0) return false
  left -= CALL * count + length * weight
  if (left < TURN / 2 && !isTurnAwaited) {
    isTurnAwaited = true
    setImmediate(beginTurn).unref()
  }
  return true
}

/** After a call that waited, too. */
function beginTurn() {
  left = TURN
  isTurnAwaited = false
}

module.exports = { beginTurn, isForNow }
