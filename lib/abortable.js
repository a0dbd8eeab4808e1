'use strict'
// Runs native calls, and whatever else takes time, under an AbortSignal.

const native = require('../native.js')
const { aborted } = require('./errors.js')

const NO_SIGNAL = 0

/**
 * What the firing of a signal sets off, behind one listener: a signal shared by many calls, as that of a
 * request is, must not look like a leak of listeners.
 *
 * @type {WeakMap<AbortSignal, { reactions: Set<() => void>, reactAll: () => void }>}
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
  const stopWatching = watch(signal, () => native.cancel(id))
  try {
    const value = await start(id)
    if (!signal.aborted) return value
    discard?.(value)
  } catch (error) {
    if (!signal.aborted || !isAbort(error)) throw error
  } finally {
    stopWatching()
  }
  throw aborted(signal)
}

/**
 * Waits for what can't be cancelled, at most until the signal fires.
 *
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
async function untilAborted(signal, promise) {
  if (signal === undefined) return promise
  if (signal.aborted) {
    // Nobody else will hear how it ends.
    promise.catch(() => {})
    throw aborted(signal)
  }
  let stopWatching = () => {}
  const firing = new Promise((_, reject) => {
    stopWatching = watch(signal, () => reject(aborted(signal)))
  })
  return /** @type {Promise<T>} */ (Promise.race([promise, firing]).finally(stopWatching))
}

/**
 * Calls `react` when the signal fires.
 *
 * @param {AbortSignal} signal @param {() => void} react
 * @returns {() => void} ends it
 */
function watch(signal, react) {
  let watching = watched.get(signal)
  if (watching === undefined) {
    const reactions = new Set()
    const reactAll = () => {
      for (const each of reactions) each()
    }
    watching = { reactions, reactAll }
    signal.addEventListener('abort', reactAll, { once: true })
    watched.set(signal, watching)
  }
  watching.reactions.add(react)
  return () => unwatch(signal, react)
}

/** @param {AbortSignal} signal @param {() => void} react */
function unwatch(signal, react) {
  const watching = watched.get(signal)
  watching?.reactions.delete(react)
  if (watching?.reactions.size === 0) {
    watched.delete(signal)
    signal.removeEventListener('abort', watching.reactAll)
  }
}

/** @param {unknown} error */
function isAbort(error) {
  return /** @type {{ code?: unknown }} */ (error)?.code === 'ABORT_ERR'
}

module.exports = { abortable, untilAborted, watch }
