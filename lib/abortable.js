'use strict'
// Runs a native call under an AbortSignal.

const native = require('../native.js')
const { aborted } = require('./errors.js')

const NO_SIGNAL = 0
const MAX_ID = 0xffffffff
let lastId = NO_SIGNAL

/**
 * Starts a native call and cancels it when the signal fires. The native work is dropped then, or
 * stops at its next check; the promise rejects with an AbortError.
 *
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {(cancelId: number) => Promise<T>} start
 * @returns {Promise<T>}
 */
async function abortable(signal, start) {
  if (signal === undefined) return start(NO_SIGNAL)
  if (signal.aborted) throw aborted(signal)
  lastId = lastId === MAX_ID ? 1 : lastId + 1
  const id = lastId
  const cancel = () => native.cancel(id)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await start(id)
  } catch (error) {
    throw signal.aborted && isAbort(error) ? aborted(signal) : error
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** @param {unknown} error */
function isAbort(error) {
  return /** @type {{ code?: unknown }} */ (error)?.code === 'ABORT_ERR'
}

module.exports = { abortable }
