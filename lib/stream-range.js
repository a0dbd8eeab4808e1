'use strict'
// unsealRange: a part of a sealed stream, from wherever the stream is, without the rest of it.

const { constants } = require('node:buffer')
const { types } = require('node:util')
const native = require('../native.js')
const { untilAborted } = require('./abortable.js')
const { optionalInteger, optionalSignal, readOptions, requireData, requireOwnMemory } =
  require('./arguments.js')
const { dataTooLarge, invalidArgType, invalidArgValue, streamTruncated } = require('./errors.js')
const { runOrWait } = require('./session-calls.js')

/** @typedef {import('./session-calls.js').Own} Own */
/** @typedef {(start: number, end: number) => Promise<Uint8Array> | Uint8Array} Read gives at least one byte of those, unless there are none */
/** @typedef {{ length: number, read: Read }} Source */
/** @typedef {ReturnType<typeof rangeOptions>} Options */

/** Chunks read and opened at a time: a mebibyte. */
const BATCH_CHUNKS = 64

/** @param {Own} own @param {unknown} source @param {unknown} start @param {unknown} end @param {unknown} options */
async function unsealRange(own, source, start, end, options) {
  const read = rangeOptions(options)
  const [from, to] = [requireIndex('start', start), requireIndex('end', end)]
  if (from > to) throw invalidArgValue('start', 'must be at most end')
  const stream = await openStream(own, await sourceOf(source, read), read)
  // Its last chunk first: until that is opened, the length is anybody's word.
  const lastData = await stream.open(stream.lastChunk, stream.lastChunk + 1)
  if (to > stream.plaintextLength) {
    throw invalidArgValue('end', 'must be at most the length of the data')
  }
  return copyRange(stream, lastData, from, to)
}

/** @param {unknown} options */
function rangeOptions(options) {
  const names = ['additionalData', 'recordLength', 'signal']
  const { additionalData, recordLength, signal } = readOptions(options, '', names)
  if (additionalData !== undefined) requireData('additionalData', additionalData)
  return {
    additionalData: requireOwnMemory('additionalData', additionalData),
    recordLength: optionalInteger('recordLength', recordLength, 0, Number.MAX_SAFE_INTEGER),
    signal: optionalSignal(signal),
  }
}

/** @param {string} name @param {unknown} value @returns {number} */
function requireIndex(name, value) {
  if (value === undefined) throw invalidArgType(name, 'must be a number')
  return /** @type {number} */ (optionalInteger(name, value, 0, Number.MAX_SAFE_INTEGER))
}

/**
 * What can be read from, and how much there is. Nothing is asked whether it is an instance of
 * something: other realms have their own classes.
 *
 * @param {any} source @param {Options} options @returns {Promise<Source>}
 */
async function sourceOf(source, { recordLength, signal }) {
  if (typeof source === 'function') {
    if (recordLength === undefined) {
      throw invalidArgValue('recordLength', 'must be given where source is a function')
    }
    return { length: recordLength, read: source }
  }
  if (recordLength !== undefined) {
    throw invalidArgValue('recordLength', 'is only for a source that is a function')
  }
  if (types.isUint8Array(source)) return bytesSource(source)
  if (isBlob(source)) return blobSource(source)
  if (isFileHandle(source)) return fileSource(source, signal)
  throw invalidArgType('source', 'must be a FileHandle, a Blob, a Uint8Array or a function')
}

/** @param {Uint8Array} bytes @returns {Source} */
function bytesSource(bytes) {
  const { length } = requireOwnMemory('source', bytes)
  return { length, read: (start, end) => requireOwnMemory('source', bytes).subarray(start, end) }
}

/** @param {any} value @returns {value is Blob} */
function isBlob(value) {
  return (
    typeof value?.size === 'number' &&
    typeof value.slice === 'function' &&
    typeof value.arrayBuffer === 'function'
  )
}

/** @param {Blob} blob @returns {Source} */
function blobSource(blob) {
  const read = async (/** @type {number} */ start, /** @type {number} */ end) =>
    new Uint8Array(await blob.slice(start, end).arrayBuffer())
  return { length: blob.size, read }
}

/** @param {any} value @returns {value is import('node:fs/promises').FileHandle} */
function isFileHandle(value) {
  return typeof value?.read === 'function' && typeof value.stat === 'function'
}

/** @param {import('node:fs/promises').FileHandle} file @param {AbortSignal | undefined} signal @returns {Promise<Source>} */
async function fileSource(file, signal) {
  const { size } = await untilAborted(signal, file.stat())
  const read = async (/** @type {number} */ start, /** @type {number} */ end) => {
    const bytes = Buffer.allocUnsafe(end - start)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
    return bytes.subarray(0, bytesRead)
  }
  return { length: size, read }
}

/**
 * The stream in a source: what it says of itself, and its chunks.
 *
 * @param {Own} own @param {Source} source @param {Options} options
 */
async function openStream(own, source, { additionalData, signal }) {
  const { length } = source
  const head = await readAll(source, 0, Math.min(length, native.maxStreamStartLength()), signal)
  const layout = native.streamLayout(head, length)
  const { startLength, lastChunk, chunkLength, plaintextLength, sealedChunkLength } = layout
  const begin = (/** @type {number} */ chunk) =>
    Math.min(startLength + chunk * sealedChunkLength, length)
  /** @param {number} first @param {number} end @returns {Promise<Buffer>} */
  const open = async (first, end) => {
    const sealed = await readAll(source, begin(first), begin(end), signal)
    const chunks = { streamLength: length, first, end }
    return runOrWait(
      own,
      signal,
      { length: sealed.length, weight: 1 },
      (session) => native.unsealChunks(session, head, chunks, sealed, additionalData),
      (session, id) => native.unsealChunksAsync(session, head, chunks, sealed, additionalData, id),
    )
  }
  return { lastChunk, chunkLength, plaintextLength, open }
}

/**
 * @param {Awaited<ReturnType<typeof openStream>>} stream
 * @param {Buffer} lastData data of the last chunk
 * @param {number} from @param {number} to
 */
async function copyRange({ lastChunk, chunkLength, open }, lastData, from, to) {
  const out = newBuffer(to - from)
  const lastStart = lastChunk * chunkLength
  for (let at = from; at < Math.min(to, lastStart); ) {
    const first = Math.floor(at / chunkLength)
    const end = Math.min(Math.ceil(to / chunkLength), first + BATCH_CHUNKS, lastChunk)
    const data = await open(first, end)
    at = copyPart(out, from, data, first * chunkLength)
  }
  copyPart(out, from, lastData, lastStart)
  return out
}

/**
 * Copies the part of some data that belongs in `out`, and erases the rest with it.
 *
 * @param {Buffer} out @param {number} from where the data in it begins
 * @param {Buffer} data @param {number} dataStart where this begins
 * @returns {number} where this ends
 */
function copyPart(out, from, data, dataStart) {
  const skipped = Math.max(from - dataStart, 0)
  if (skipped < data.length) data.copy(out, Math.max(dataStart - from, 0), skipped)
  const dataEnd = dataStart + data.length
  data.fill(0)
  return dataEnd
}

/** @param {number} length */
function newBuffer(length) {
  if (length > constants.MAX_LENGTH) throw dataTooLarge()
  try {
    return Buffer.alloc(length)
  } catch {
    throw dataTooLarge()
  }
}

/**
 * Reads all of these bytes, also from a source that gives fewer at a time.
 *
 * @param {Source} source @param {number} start @param {number} end @param {AbortSignal | undefined} signal
 * @returns {Promise<Uint8Array>}
 */
async function readAll({ read }, start, end, signal) {
  const bytes = Buffer.allocUnsafe(end - start)
  for (let at = start; at < end; ) {
    const part = await untilAborted(signal, Promise.resolve(read(at, end)))
    if (!types.isUint8Array(part)) throw invalidArgType('source', 'must give a Uint8Array')
    if (part.length > end - at) {
      throw invalidArgValue('source', 'must give no more bytes than it is asked for')
    }
    if (part.length === 0) throw streamTruncated()
    // A copy: a source may use its memory again.
    bytes.set(requireOwnMemory('source', part), at - start)
    at += part.length
  }
  return bytes
}

module.exports = { unsealRange }
