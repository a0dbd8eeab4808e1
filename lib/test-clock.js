'use strict'
// TestClock of sealdiff/testing: a number of this thread's native clocks.

const { types } = require('node:util')
const native = require('../native.js')
const { optionalDuration } = require('./arguments.js')
const { invalidArgType, invalidArgValue } = require('./errors.js')

/** @import { TestClock as Contract } from '../testing.js' */

const LAST_MS = 0xffff_ffff * 1000

/** @type {(clock: unknown) => number} */
let numberOf

/** @implements {Contract} */
class TestClock {
  #number
  #nowMs

  static {
    numberOf = (clock) => {
      if (typeof clock !== 'object' || clock === null || !(#number in clock)) {
        throw invalidArgType('clock', 'must be a TestClock')
      }
      return clock.#number
    }
  }

  /** @param {Date | number} [now] */
  constructor(now = Date.now()) {
    this.#nowMs = milliseconds(now)
    this.#number = native.newTestClock(this.#nowMs / 1000)
  }

  get now() {
    return new Date(this.#nowMs)
  }

  /** @type {Contract['advance']} */
  advance(duration) {
    const seconds = optionalDuration('duration', duration, 0)
    if (seconds === undefined) throw invalidArgType('duration', 'must be a duration')
    this.#nowMs = native.advanceTestClock(this.#number, seconds) * 1000
  }
}

/** @param {unknown} now */
function milliseconds(now) {
  if (typeof now !== 'number' && !types.isDate(now)) {
    throw invalidArgType('now', 'must be a Date or a number of milliseconds')
  }
  const ms = Number(now)
  if (!(ms >= 0 && ms <= LAST_MS)) throw invalidArgValue('now', 'must be from 1970 to 2106')
  return ms
}

module.exports = { TestClock, numberOf }
