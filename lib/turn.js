'use strict'
// What calls take of a turn of the event loop that are made at once, instead of on another thread. Data has to be
// read before a call returns, so that a short record costs this thread less sealed than copied for another one; but a
// loop that awaits such calls would never let the event loop turn. Once in a millisecond of work an outcome waits for
// the next turn; of many that wait, each turn takes a millisecond's worth.

const { setImmediate } = require('node:timers')
const native = require('../native.js')

/** 64 KiB of data and what a record adds to them: 20 µs for a sealed record, less than a copy and a hop to another thread. */
const LONGEST = 64 * 1024 + 128
/** What a record costs besides its data, as bytes of a sealed record that take as long. */
const RECORD = 4 * 1024
/** The same for each of many records in one call. */
const RECORD_OF_MANY = 2 * 1024
/** The same for what a turn has: about a millisecond. */
const TURN = 4 * 1024 * 1024

/** @typedef {{ length: number, weight: number, count?: number }} Work length of the data; how much longer than sealing it takes; records, if there are many */

let left = TURN
let isRefillAwaited = false
/** Outcomes that wait for a turn, the next one first. @type {{ cost: number, tell: () => void }[]} */
const waiting = []

/** @param {Work} work */
function costOf({ length, weight, count }) {
  return (count === undefined ? RECORD : RECORD_OF_MANY * count) + length * weight
}

/** Whether the work is done at once: of many short records as much as a turn has. @param {Work} work */
function isForNow(work) {
  return work.count === undefined ? work.length <= LONGEST : costOf(work) <= TURN
}

/**
 * Takes note of work before it is done. Gives whether its outcome has to wait, for the turn has no time left; nobody
 * passes those who wait.
 *
 * @param {Work} work
 */
function spend(work) {
  left -= costOf(work)
  if (left <= 0 || waiting.length > 0) return true
  if (left <= TURN / 2 && !isRefillAwaited) {
    isRefillAwaited = true
    setImmediate(refill).unref()
  }
  return false
}

/** The turn in which the outcome of that work is told. @param {Work} work @returns {Promise<void>} */
function turnFor(work) {
  return new Promise((tell) => {
    if (waiting.length === 0) awaitTurn()
    waiting.push({ cost: costOf(work), tell })
  })
}

function refill() {
  left = TURN
  isRefillAwaited = false
}

/** A test may hold the timers of its process, but not a call of native code. */
function awaitTurn() {
  native.nextTurn().then(beginTurn, beginTurn)
}

/** Who is told an outcome will often call again: they get this turn, and the others one of the next. */
function beginTurn() {
  refill()
  let told = 0
  for (let cost = 0; told < waiting.length && cost < TURN; told++) {
    cost += waiting[told].cost
    waiting[told].tell()
  }
  waiting.splice(0, told)
  if (waiting.length > 0) awaitTurn()
}

module.exports = { isForNow, spend, turnFor }
