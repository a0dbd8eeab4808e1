'use strict'
// Warnings, each once a thread.

/** @type {Set<string>} */
const given = new Set()

/** Whoever reads the process's memory or configuration has every key. */
function warnOfStaticKey() {
  const isTest = process.env.NODE_ENV === 'test' || process.env.NODE_TEST_CONTEXT !== undefined
  if (isTest) return
  warn(
    'SEALDIFF_STATIC_KMS',
    'a static master key protects only what its own hiding place protects',
    {
      detail: 'Use a key management service in production.',
    },
  )
}

/** @param {{ memoryProtection: string }} stats */
function warnOfUnlockedMemory({ memoryProtection }) {
  if (memoryProtection === 'locked') return
  warn(
    'SEALDIFF_MEMORY_NOT_LOCKED',
    'memory for keys could not be locked: it may be swapped to disk',
    {
      detail:
        'Raise RLIMIT_MEMLOCK (ulimit -l, docker run --ulimit memlock, LimitMEMLOCK of a systemd unit) ' +
        "to 64 KiB at least, or open with secureMemory: 'off' if swapping is no concern.",
    },
  )
}

/** @param {string} code @param {string} message @param {{ detail: string }} more */
function warn(code, message, { detail }) {
  if (given.has(code)) return
  given.add(code)
  process.emitWarning(message, { code, detail })
}

module.exports = { warnOfStaticKey, warnOfUnlockedMemory }
