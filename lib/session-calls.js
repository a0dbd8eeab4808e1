'use strict'
// How a session, or a stream of one, calls native code: at once where a warm key allows it, else waiting.

const native = require('../native.js')
const { abortable } = require('./abortable.js')
const { noticeSubscribers } = require('./diagnostics.js')
const { aborted, sessionClosed } = require('./errors.js')

/** @typedef {{ number: number, closed: boolean }} Factory native number and state, shared with its SessionFactory */

/** @typedef {{ partitionId: string, factory: Factory, number: number, closed: boolean }} Own what a session has, for the streams of it too */

/**
 * Tries the call at once, which a warm key and a short record allow, and only then waits: a hop
 * to another thread costs forty times the call.
 *
 * @param {Own} own
 * @param {AbortSignal | undefined} signal
 * @param {(number: number) => any} now
 * @param {(number: number, cancelId: number) => any} later
 */
function runOrWait(own, signal, now, later) {
  if (signal?.aborted) throw aborted(signal)
  const result = run(own, now)
  if (result !== undefined) return result
  noticeSubscribers()
  return abortable(signal, (id) => run(own, (number) => later(number, id)))
}

/**
 * Calls native code with the session's number, opening the session again if it had to make room.
 *
 * @param {Own} own
 * @param {(number: number) => any} call
 */
function run(own, call) {
  requireOpen(own)
  const result = call(own.number)
  if (result !== null) return result
  own.number = native.openSession(own.factory.number, own.partitionId)
  return call(own.number)
}

/** @param {Own} own */
function requireOpen(own) {
  if (own.closed || own.factory.closed) throw sessionClosed()
}

module.exports = { requireOpen, run, runOrWait }
