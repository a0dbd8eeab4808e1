'use strict'
// The options of a session's calls: read once, checked, before anything else is looked at.

const {
  optionalChoice,
  optionalSignal,
  readOptions,
  requireData,
  requireOwnMemory,
} = require('./arguments.js')

const UNSEAL_SYNC = ['additionalData']
const UNSEAL = ['additionalData', 'signal']
const SEAL_SYNC = ['additionalData', 'encoding']
const SEAL = ['additionalData', 'encoding', 'signal']

const NO_OPTIONS = Object.freeze({ additionalData: undefined, asText: false, signal: undefined })

/** @param {unknown} options */
const sealOptions = (options) => readSealOptions(options, SEAL)

/** @param {unknown} options without a signal: a `…Sync` form waits for nothing */
const sealSyncOptions = (options) => readSealOptions(options, SEAL_SYNC)

/** @param {unknown} options without an encoding: what is read says itself what it is */
const unsealOptions = (options) => readSealOptions(options, UNSEAL)

/** @param {unknown} options */
const unsealSyncOptions = (options) => readSealOptions(options, UNSEAL_SYNC)

/** @param {unknown} options @param {readonly string[]} names */
function readSealOptions(options, names) {
  if (options === undefined) return NO_OPTIONS
  const { additionalData, encoding, signal } = readOptions(options, '', names)
  if (additionalData !== undefined) requireData('additionalData', additionalData)
  const asText = optionalChoice('encoding', encoding, ['base64url']) !== undefined
  return { additionalData, asText, signal: optionalSignal(signal) }
}

/**
 * Options of what goes on after the call: the caller may use the bytes again.
 *
 * @param {unknown} options
 */
function streamOptions(options) {
  const { additionalData, signal } = readSealOptions(options, UNSEAL)
  if (additionalData === undefined || typeof additionalData === 'string') {
    return { additionalData, signal }
  }
  return { additionalData: Buffer.from(requireOwnMemory('additionalData', additionalData)), signal }
}

/** @param {unknown} options @returns {AbortSignal | undefined} */
function signalOption(options) {
  if (options === undefined) return undefined
  return optionalSignal(readOptions(options, '', ['signal']).signal)
}

module.exports = {
  sealOptions,
  sealSyncOptions,
  signalOption,
  streamOptions,
  unsealOptions,
  unsealSyncOptions,
}
