'use strict'
// Buffers for native code to write its results to: JavaScript allocates one in a third of the time.
// A length that is not what the result needs is no harm: native code then makes one itself.

/** Longest result; a longer one is allocated natively, where a lack of memory is an error. */
const MAX_LENGTH = 16 * 1024 * 1024
/** Longest string whose bytes are worth counting twice. */
const MAX_STRING_LENGTH = 4096
/** What a sealed record without a region suffix adds to its data. */
const OVERHEAD = 46

const byteLengthOf = /** @type {(this: Uint8Array) => number} */ (
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'byteLength')?.get
)

/** Bytes of a Uint8Array, whatever its own properties say; UTF-16 units of a string. @param {Uint8Array | string} data */
function rawLength(data) {
  return typeof data === 'string' ? data.length : byteLengthOf.call(data)
}

/**
 * For the sealed record of `data`: up to 4 KiB out of the pool of Buffers.
 *
 * @param {Uint8Array | string} data
 * @param {number} overhead what a record of the factory adds
 */
function recordOutput(data, overhead) {
  const isString = typeof data === 'string'
  if (isString && data.length > MAX_STRING_LENGTH) return undefined
  const length = (isString ? Buffer.byteLength(data) : byteLengthOf.call(data)) + overhead
  return length <= MAX_LENGTH ? Buffer.allocUnsafe(length) : undefined
}

/** For the data of a sealed record: never out of a pool, which goes along whole when one of its Buffers is posted. @param {Uint8Array | string} record */
function dataOutput(record) {
  if (typeof record === 'string') return undefined
  const length = byteLengthOf.call(record) - OVERHEAD - record[1]
  return length > 0 && length <= MAX_LENGTH ? Buffer.allocUnsafeSlow(length) : undefined
}

/** For what a call on many gives; none for strings. @param {string} operation @param {(Uint8Array | string)[]} items @param {number} overhead */
function outputs(operation, items, overhead) {
  if (operation === 'seal') return items.map((item) => recordOutput(item, overhead))
  return operation === 'unseal' ? items.map(dataOutput) : []
}

module.exports = { dataOutput, outputs, rawLength, recordOutput }
