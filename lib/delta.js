'use strict'
// Binary deltas: reads the options, takes bytes only.

const native = require('../native.js')
const { abortable } = require('./abortable.js')
const { optionalInteger, optionalSignal, readOptions, requireBytes } = require('./arguments.js')

const MAX_LEVEL = 19

/**
 * @param {unknown} oldBytes @param {unknown} newBytes @param {unknown} options
 * @returns {Promise<any>}
 */
async function makeDelta(oldBytes, newBytes, options) {
  const { level, signal } = readOptions(options, '', ['level', 'signal'])
  const checked = deltaLevel(level)
  const stop = optionalSignal(signal)
  const [from, to] = [requireBytes('oldBytes', oldBytes), requireBytes('newBytes', newBytes)]
  return abortable(stop, (id) => native.makeDeltaAsync(from, to, checked, id))
}

/**
 * @param {unknown} oldBytes @param {unknown} newBytes @param {unknown} options
 * @returns {any}
 */
function makeDeltaSync(oldBytes, newBytes, options) {
  const level = deltaLevel(readOptions(options, '', ['level']).level)
  const [from, to] = [requireBytes('oldBytes', oldBytes), requireBytes('newBytes', newBytes)]
  return native.makeDelta(from, to, level)
}

/**
 * @param {unknown} oldBytes @param {unknown} delta @param {unknown} options
 * @returns {Promise<any>}
 */
async function applyDelta(oldBytes, delta, options) {
  const { maxOutputBytes, signal } = readOptions(options, '', ['maxOutputBytes', 'signal'])
  const limit = outputLimit(maxOutputBytes)
  const stop = optionalSignal(signal)
  const [from, by] = [requireBytes('oldBytes', oldBytes), requireBytes('delta', delta)]
  return abortable(stop, (id) => native.applyDeltaAsync(from, by, limit, id))
}

/**
 * @param {unknown} oldBytes @param {unknown} delta @param {unknown} options
 * @returns {any}
 */
function applyDeltaSync(oldBytes, delta, options) {
  const limit = outputLimit(readOptions(options, '', ['maxOutputBytes']).maxOutputBytes)
  const [from, by] = [requireBytes('oldBytes', oldBytes), requireBytes('delta', delta)]
  return native.applyDelta(from, by, limit)
}

/** @param {unknown} level */
function deltaLevel(level) {
  return optionalInteger('level', level, 1, MAX_LEVEL)
}

/** @param {unknown} bytes */
function outputLimit(bytes) {
  return optionalInteger('maxOutputBytes', bytes, 0, Number.MAX_SAFE_INTEGER)
}

module.exports = { applyDelta, applyDeltaSync, deltaLevel, makeDelta, makeDeltaSync }
