'use strict'
// How much of a turn of the event loop goes to calls that are made at once, instead of on another thread.

const { setImmediate } = require('node:timers')

/**
 * 64 KiB of data and what a record adds to them: 20 µs for a sealed record, about what a hop to another
 * thread costs.
 */
const LONGEST = 64 * 1024 + 128
/** Up to this length, handing a record to another thread takes longer than sealing it. */
const SHORT = 4 * 1024
/** What a call costs besides its data, as bytes of a sealed record that take as long. */
const CALL = 8 * 1024
/** The same for each record of a call on many. */
const ITEM = 2 * 1024
/** The same for what a turn has: about a millisecond. */
const TURN = 4 * 1024 * 1024

let left = TURN
let isTurnAwaited = false

/**
 * Whether a call on data of that length may be made at once. A loop that awaits such calls takes no turn
 * of the event loop by itself: once in so many it gets one.
 *
 * @param {number} length
 * @param {number} weight how much longer than sealing it takes
 */
function isForNow(length, weight) {
  return length <= LONGEST && take(CALL + length * weight)
}

/**
 * The same for many records of that length together: of short ones any number, since all of them have to
 * be read before the call returns.
 *
 * @param {number} length @param {number} weight @param {number} count
 */
function areForNow(length, weight, count) {
  return length <= Math.max(LONGEST, SHORT * count) && take(ITEM * count + length * weight)
}

/** @param {number} cost */
function take(cost) {
  if (left <= 0) return false
  left -= cost
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

module.exports = { areForNow, beginTurn, isForNow }
