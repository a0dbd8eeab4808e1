'use strict'
// sealStream and unsealStream: web streams over the native half, which does the work and holds the key.

const { TransformStream } = require('node:stream/web')
const native = require('../native.js')
const { watch } = require('./abortable.js')
const { requireBytes, requireData, requireOwnMemory } = require('./arguments.js')
const { aborted, invalidArgType } = require('./errors.js')
const { streamOptions } = require('./seal-options.js')
const { requireOpen, run, runOrWait } = require('./session-calls.js')

/** @typedef {import('./session-calls.js').Own} Own */
/** @typedef {import('node:stream/web').TransformStreamDefaultController<Buffer>} Controller */
/** @typedef {Uint8Array | string | undefined} AdditionalData */
/**
 * What each direction makes of its input, and how its native half begins: `undefined` if that has to
 * be waited for, `false` if it needs more of the input than its first bytes, `head`.
 *
 * @typedef {object} Direction
 * @property {(chunk: unknown) => Uint8Array} bytesOf
 * @property {(session: number, head: Uint8Array, isAll: boolean, additionalData: AdditionalData) => unknown} begin
 * @property {(session: number, head: Uint8Array, additionalData: AdditionalData, id: number) => unknown} beginLater
 */

/** The most that is handed to native code at a time, in bytes: what is copied for another thread. */
const MAX_PIECE_LENGTH = 1 << 20

const NOTHING = new Uint8Array(0)

/** @type {Direction} */
const SEAL = {
  bytesOf(chunk) {
    const data = requireData('chunk', chunk)
    return typeof data === 'string' ? Buffer.from(data) : data
  },
  begin: (session, _head, _isAll, additionalData) => native.sealStream(session, additionalData),
  beginLater: (session, _head, additionalData, id) =>
    native.sealStreamAsync(session, additionalData, id),
}

/** @type {Direction} */
const UNSEAL = {
  bytesOf: (chunk) => requireBytes('chunk', chunk),
  begin: native.unsealStream,
  beginLater: native.unsealStreamAsync,
}

/** Ends the watching of signals for streams that nobody has any more. */
const abandoned = new FinalizationRegistry((/** @type {() => void} */ stopWatching) =>
  stopWatching(),
)

/** @param {Own} own @param {unknown} options */
function sealStream(own, options) {
  return new Transformation(own, SEAL, streamOptions(options)).stream()
}

/** @param {Own} own @param {unknown} options */
function unsealStream(own, options) {
  return new Transformation(own, UNSEAL, streamOptions(options)).stream()
}

/** One stream on its way. TransformStream asks for one thing after the other, but for the cancelling. */
class Transformation {
  #isOver = false
  /** @type {any} the native half, from the first input on */
  #native
  /** Input that was too short to begin with. */
  #head = NOTHING
  #stopWatching = () => {}

  /** @param {Own} own @param {Direction} direction @param {ReturnType<typeof streamOptions>} options */
  constructor(own, direction, { additionalData, signal }) {
    requireOpen(own)
    this.own = own
    this.direction = direction
    this.additionalData = additionalData
    this.signal = signal
  }

  stream() {
    /** @type {import('node:stream/web').Transformer & { cancel: () => void }} */
    const transformer = {
      start: (controller) => this.#start(controller),
      transform: (chunk, controller) => this.#orRelease(this.#transform(chunk, controller)),
      flush: (controller) => this.#orRelease(this.#flush(controller)),
      cancel: () => this.release(),
    }
    return new TransformStream(transformer)
  }

  /** @param {Controller} controller */
  #start(controller) {
    const { signal } = this
    if (signal === undefined) return
    if (signal.aborted) return controller.error(aborted(signal))
    // Weakly: a signal may live longer than the stream, and must not keep it.
    const [self, its] = [new WeakRef(this), new WeakRef(controller)]
    this.#stopWatching = watch(signal, () => {
      self.deref()?.release()
      its.deref()?.error(aborted(signal))
    })
    abandoned.register(this, this.#stopWatching, this)
  }

  /** @param {unknown} chunk @param {Controller} controller */
  async #transform(chunk, controller) {
    for (const piece of pieces(this.direction.bytesOf(chunk))) {
      if (this.#isOver) return
      const { length } = piece
      const input = this.#native === undefined ? await this.#begin(piece, false) : piece
      if (piece.length !== length) throw changedChunk()
      if (input === undefined) continue
      const output = await this.#call(
        input.length,
        (session) => native.pushStream(this.#native, session, input),
        (session, id) => native.pushStreamAsync(this.#native, session, input, id),
      )
      this.#give(output, controller)
    }
  }

  /** @param {Controller} controller */
  async #flush(controller) {
    if (this.#native === undefined) await this.#begin(NOTHING, true)
    const end = run(this.own, (session) => native.endStream(this.#native, session))
    this.#give(end, controller)
    this.release()
  }

  /**
   * Begins the native half, under the newest key or the one that the input names.
   *
   * @param {Uint8Array} piece @param {boolean} isAll
   * @returns {Promise<Uint8Array | undefined>} its first input; none if it needs more to begin
   */
  async #begin(piece, isAll) {
    const { begin, beginLater } = this.direction
    const head = this.#head.length === 0 ? piece : Buffer.concat([this.#head, piece])
    const begun = await this.#call(
      0,
      (session) => begin(session, head, isAll, this.additionalData),
      (session, id) => beginLater(session, head, this.additionalData, id),
    )
    if (begun === false) {
      this.#head = Buffer.from(head)
      return undefined
    }
    this.#native = begun
    if (this.#isOver) native.dropStream(begun)
    return head
  }

  /** @param {number} length @param {(session: number) => any} now @param {(session: number, id: number) => any} later */
  #call(length, now, later) {
    return runOrWait(this.own, this.signal, { length, weight: 1 }, now, later)
  }

  /** @param {Buffer} output @param {Controller} controller */
  #give(output, controller) {
    if (output.length > 0 && !this.#isOver) controller.enqueue(output)
  }

  /** @param {Promise<void>} work */
  async #orRelease(work) {
    try {
      await work
    } catch (error) {
      this.release()
      throw error
    }
  }

  /** Erases the native half and ends what belongs to it. */
  release() {
    this.#isOver = true
    this.#stopWatching()
    abandoned.unregister(this)
    if (this.#native !== undefined) native.dropStream(this.#native)
  }
}

/**
 * Parts of the caller's memory, one after the other. What the caller does to it meanwhile must not pass
 * for a shorter chunk.
 *
 * @param {Uint8Array} chunk
 */
function* pieces(chunk) {
  const { length } = requireOwnMemory('chunk', chunk)
  for (let at = 0; at < length; at += MAX_PIECE_LENGTH) {
    if (chunk.length !== length) throw changedChunk()
    yield length > MAX_PIECE_LENGTH ? chunk.subarray(at, at + MAX_PIECE_LENGTH) : chunk
  }
}

function changedChunk() {
  return invalidArgType('chunk', 'must stay as it is until it is written')
}

module.exports = { sealStream, unsealStream }
