'use strict'
// Runs a native call under an AbortSignal.

const native = require('../native.js')
const { aborted } = require('./errors.js')

const NO_SIGNAL = 0
const MAX_ID = 0xffffffff
let lastId = NO_SIGNAL

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
  lastId = lastId === MAX_ID ? 1 : lastId + 1
  const id = lastId
  const cancel = () => native.cancel(id)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const value = await start(id)
    if (!signal.aborted) return value
    discard?.(value)
  } catch (error) {
    if (!signal.aborted || !isAbort(error)) throw error
  } finally {
    signal.removeEventListener('abort', cancel)
  }
  throw aborted(signal)
}

/** @param {unknown} error */
function isAbort(error) {
  return /** @type {{ code?: unknown }} */ (error)?.code === 'ABORT_ERR'
}

module.exports = { abortable }
