'use strict'
// How a session, or a stream of one, calls native code: at once where a warm key allows it, else waiting.

const native = require('../native.js')
const { abortable, untilAborted } = require('./abortable.js')
const { noticeSubscribers } = require('./diagnostics.js')
const { aborted, sessionClosed } = require('./errors.js')
const { isForNow, spend, turnFor } = require('./turn.js')

/** @typedef {{ number: number, overhead: number, closed: boolean }} Factory native number, what its records add to their data, and state: shared with its SessionFactory */

/** @typedef {{ partitionId: string, factory: Factory, number: number, closed: boolean }} Own what a session has, for the streams of it too */

/**
 * Tries the call at once, if it is short, which a warm key allows, and only then waits: a hop to another
 * thread costs forty times the call.
 *
 * @param {Own} own
 * @param {AbortSignal | undefined} signal
 * @param {import('./turn.js').Work} work
 * @param {(number: number) => any} now
 * @param {(number: number, cancelId: number) => any} later
 */
function runOrWait(own, signal, work, now, later) {
  if (signal?.aborted) throw aborted(signal)
  if (isForNow(work)) {
    const result = spend(work) ? inTurn(work, signal, () => run(own, now)) : run(own, now)
    if (result !== undefined) return result
  }
  noticeSubscribers()
  return abortable(signal, (id) => run(own, (number) => later(number, id)))
}

/**
 * Makes the call now, for its data may change, and tells of its outcome when it is its turn; nothing if the call has to
 * wait for a key.
 *
 * @param {import('./turn.js').Work} work @param {AbortSignal | undefined} signal @param {() => any} now
 */
function inTurn(work, signal, now) {
  const done = settle(now)
  if (done.value === undefined && done.error === undefined) return undefined
  return untilAborted(signal, turnFor(work)).then(() => {
    if (done.error !== undefined) throw done.error
    return done.value
  })
}

/** @param {() => any} call @returns {{ value?: any, error?: unknown }} */
function settle(call) {
  try {
    return { value: call() }
  } catch (error) {
    return { error }
  }
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
