'use strict'
// Runs a native call under an AbortSignal.

const native = require('../native.js')
const { aborted } = require('./errors.js')

const NO_SIGNAL = 0

/**
 * The calls that a signal would cancel, behind one listener: a signal shared by many calls, as that of a
 * request is, must not look like a leak of listeners.
 *
 * @type {WeakMap<AbortSignal, { ids: Set<number>, cancelAll: () => void }>}
 */
const watched = new WeakMap()

/**
 * Starts a native call and cancels it when the signal fires. The native work is dropped then, or
 * stops at its next check; the promise rejects with an AbortError, also where the work was quicker
 * than its news.
 *
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {(cancelId: number) => Promise<T>} start
 * @param {(value: T) => void} [discard] gives back a value that came too late
 * @returns {Promise<T>}
 */
async function abortable(signal, start, discard) {
  if (signal === undefined) return start(NO_SIGNAL)
  if (signal.aborted) throw aborted(signal)
  const id = native.newCancelId()
  watch(signal, id)
  try {
    const value = await start(id)
    if (!signal.aborted) return value
    discard?.(value)
  } catch (error) {
    if (!signal.aborted || !isAbort(error)) throw error
  } finally {
    unwatch(signal, id)
  }
  throw aborted(signal)
}

/** @param {AbortSignal} signal @param {number} id */
function watch(signal, id) {
  let calls = watched.get(signal)
  if (calls === undefined) {
    const ids = new Set()
    const cancelAll = () => {
      for (const running of ids) native.cancel(running)
    }
    calls = { ids, cancelAll }
    signal.addEventListener('abort', cancelAll, { once: true })
    watched.set(signal, calls)
  }
  calls.ids.add(id)
}

/** @param {AbortSignal} signal @param {number} id */
function unwatch(signal, id) {
  const calls = watched.get(signal)
  calls?.ids.delete(id)
  if (calls?.ids.size === 0) {
    watched.delete(signal)
    signal.removeEventListener('abort', calls.cancelAll)
  }
}

/** @param {unknown} error */
function isAbort(error) {
  return /** @type {{ code?: unknown }} */ (error)?.code === 'ABORT_ERR'
}

module.exports = { abortable }
