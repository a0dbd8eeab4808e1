'use strict'
// The arguments of the calls on many records: read once, checked, before anything else is looked at.

const { types } = require('node:util')
const {
  isRecord,
  optionalBoolean,
  optionalChoice,
  optionalSignal,
  readOptions,
  requireData,
  requireOwnMemory,
} = require('./arguments.js')
const { invalidArgType, invalidArgValue } = require('./errors.js')
const { rawLength } = require('./outputs.js')

/** All of them are read before the first is worked on: more would hold the event loop up. */
const MAX_ITEMS = 100_000

/** The members of an item with additional data, by the one that it must have. */
const PLACED = { data: ['data', 'additionalData'], record: ['record', 'additionalData'] }

/** @typedef {Uint8Array | string} Data */
/** @typedef {'seal' | 'sealToText' | 'unseal' | 'encrypt' | 'decrypt'} Operation */
/** @typedef {{ operation: Operation, items: Data[], additionalData: (Data | undefined)[], length: number, settled: boolean, signal: AbortSignal | undefined }} Many */

/** @param {unknown} items @param {unknown} options @returns {Many} */
function sealManyArguments(items, options) {
  const read = readOptions(options, '', ['additionalData', 'encoding', 'settled', 'signal'])
  const isText = optionalChoice('encoding', read.encoding, ['base64url']) !== undefined
  return placed(isText ? 'sealToText' : 'seal', items, 'items', 'data', read)
}

/** @param {unknown} records @param {unknown} options @returns {Many} */
function unsealManyArguments(records, options) {
  const read = readOptions(options, '', ['additionalData', 'settled', 'signal'])
  return placed('unseal', records, 'records', 'record', read)
}

/** @param {unknown} items @param {unknown} options @returns {Many} */
function encryptManyArguments(items, options) {
  return plain('encrypt', items, 'items', readOptions(options, '', ['settled', 'signal']))
}

/** @param {unknown} records @param {unknown} options @returns {Many} */
function decryptManyArguments(records, options) {
  return plain('decrypt', records, 'records', readOptions(options, '', ['settled', 'signal']))
}

/**
 * Items that may have additional data of their own: `{ [member]: data, additionalData }`.
 *
 * @param {Operation} operation @param {unknown} values @param {string} name @param {keyof typeof PLACED} member
 * @param {Record<string, any>} options
 */
function placed(operation, values, name, member, options) {
  const ofAll = options.additionalData
  if (ofAll !== undefined) ownData('additionalData', ofAll)
  /** @type {(Data | undefined)[]} */
  let additionalData = [ofAll]
  const items = readEach(values, name).map((value, i, all) => {
    if (isOwnData(value)) return value
    const path = `${name}[${i}]`
    if (!isRecord(value)) return ownData(path, value)
    const { [member]: data, additionalData: own } = readOptions(value, path, PLACED[member])
    if (own !== undefined) {
      if (additionalData.length === 1) additionalData = all.map(() => ofAll)
      additionalData[i] = ownData(`${path}.additionalData`, own)
    }
    return ownData(`${path}.${member}`, data)
  })
  return { ...read(operation, items, options), additionalData }
}

/** @param {Operation} operation @param {unknown} values @param {string} name @param {Record<string, any>} options */
function plain(operation, values, name, options) {
  const items = readEach(values, name).map((value, i) =>
    isOwnData(value) ? value : ownData(`${name}[${i}]`, value),
  )
  return { ...read(operation, items, options), additionalData: [] }
}

/** @param {Operation} operation @param {Data[]} items @param {Record<string, any>} options */
function read(operation, items, { settled, signal }) {
  return {
    operation,
    items,
    length: items.reduce((sum, item) => sum + rawLength(item), 0),
    settled: optionalBoolean('settled', settled) ?? false,
    signal: optionalSignal(signal),
  }
}

/** @param {unknown} values @param {string} name @returns {unknown[]} a copy, for a getter may run any code */
function readEach(values, name) {
  if (!Array.isArray(values)) throw invalidArgType(name, 'must be an array')
  const { length } = values
  if (length > MAX_ITEMS) throw invalidArgValue(name, `must hold at most ${MAX_ITEMS} items`)
  return Array.from({ length }, (_, i) => values[i])
}

/** What {@link ownData} surely takes, without a path for its error. @param {unknown} value @returns {value is Data} */
function isOwnData(value) {
  if (typeof value === 'string') return value.isWellFormed()
  if (!types.isUint8Array(value) || value.length === 0) return false
  return !types.isSharedArrayBuffer(value.buffer)
}

/** @param {string} path @param {unknown} value @returns {Data} */
function ownData(path, value) {
  return requireOwnMemory(path, requireData(path, value))
}

module.exports = {
  MAX_ITEMS,
  decryptManyArguments,
  encryptManyArguments,
  ownData,
  readEach,
  sealManyArguments,
  unsealManyArguments,
}
