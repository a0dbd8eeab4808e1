'use strict'
// Buffers for native code to write its results to: JavaScript allocates one in a third of the time.
// A length that is not what the result needs is no harm: native code then makes one itself.

const { lazy } = require('./lazy.js')

/** Longest result; a longer one is allocated natively, where a lack of memory is an error. */
const MAX_LENGTH = 16 * 1024 * 1024
/** Longest string whose bytes are worth counting twice. */
const MAX_STRING_LENGTH = 4096
/** Memory for short records of one call; a record keeps its neighbours' memory alive. */
const SLAB_LENGTH = 8 * 1024
/** What a sealed record without a region suffix adds to its data. */
const OVERHEAD = 46
/** Longest record out of a pool: of 4 KiB of data, under the longest suffix. */
const LONGEST_POOLED = 4096 + OVERHEAD + 32
/** Places in the pool begin at whole words. */
const WORD = 8
/**
 * Of the pool for records that Node.js's own pool is too small for: eight of the longest, as that has eight of 1 KiB. A
 * record keeps its neighbours' memory alive.
 */
const POOL_LENGTH = 8 * Math.ceil(LONGEST_POOLED / WORD) * WORD

const threads = lazy(() => require('node:worker_threads'))

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
  const length = recordLength(data, overhead)
  if (length === undefined) return undefined
  // Node.js pools what is shorter than half of its pool, and who sets that to 0 wants none.
  const isOurs = length <= LONGEST_POOLED && length >= Buffer.poolSize >>> 1 && Buffer.poolSize > 0
  return isOurs ? pooled(length) : Buffer.allocUnsafe(length)
}

let pool = new ArrayBuffer(0)
let poolUsed = 0

/**
 * Memory of its own would cost each a microsecond more on another thread, when it is collected. Zeros, for a record that
 * is posted takes the whole pool along; and never transferred, which would empty the other records.
 *
 * @param {number} length
 */
function pooled(length) {
  if (length > pool.byteLength - poolUsed) {
    pool = new ArrayBuffer(POOL_LENGTH)
    threads().markAsUntransferable(pool)
    poolUsed = 0
  }
  const output = Buffer.from(pool, poolUsed, length)
  poolUsed += Math.ceil(length / WORD) * WORD
  return output
}

/** @param {Uint8Array | string} data @param {number} overhead */
function recordLength(data, overhead) {
  const isString = typeof data === 'string'
  if (isString && data.length > MAX_STRING_LENGTH) return undefined
  const length = (isString ? Buffer.byteLength(data) : byteLengthOf.call(data)) + overhead
  return length <= MAX_LENGTH ? length : undefined
}

/** For the data of a sealed record: never out of a pool, which goes along whole when one of its Buffers is posted. @param {Uint8Array | string} record */
function dataOutput(record) {
  if (typeof record === 'string') return undefined
  const length = byteLengthOf.call(record) - OVERHEAD - record[1]
  return length > 0 && length <= MAX_LENGTH ? Buffer.allocUnsafeSlow(length) : undefined
}

/** For what a call on many gives; none for strings. @param {string} operation @param {(Uint8Array | string)[]} items @param {number} overhead */
function outputs(operation, items, overhead) {
  if (operation === 'seal') return recordOutputs(items, overhead)
  return operation === 'unseal' ? items.map(dataOutput) : []
}

/**
 * For sealed records, short ones out of memory that this call allocates: in a pool that others know, the place of
 * one record could be a later item's data.
 *
 * @param {(Uint8Array | string)[]} items @param {number} overhead
 */
function recordOutputs(items, overhead) {
  let slab = Buffer.alloc(0)
  return items.map((item) => {
    const length = recordLength(item, overhead)
    if (length === undefined || length > SLAB_LENGTH / 2) return undefined
    if (length > slab.length) slab = Buffer.allocUnsafeSlow(SLAB_LENGTH)
    const output = slab.subarray(0, length)
    slab = slab.subarray(length)
    return output
  })
}

module.exports = { dataOutput, outputs, rawLength, recordOutput }
