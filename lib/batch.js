'use strict'
// Bulk work: pairs are pulled from any iterable, and their results given in the same order. At no time are there
// more diffs or more bytes than allowed.

const { availableParallelism } = require('node:os')
const { setImmediate } = require('node:timers/promises')
const { optionalChoice, optionalSignal, readOptions } = require('./arguments.js')
const { KINDS, cost } = require('./batch-kinds.js')
const { Source, readPair } = require('./batch-source.js')
const { aborted, invalidArgType } = require('./errors.js')

/** @import { Differ } from '../index.js' */
/** @import { Kind } from './batch-kinds.js' */
/** @typedef {{ status: 'fulfilled', value: unknown, key?: unknown } | { status: 'rejected', reason: unknown, key?: unknown }} Result */
/** @typedef {{ held: number, result: Result | undefined }} Entry a pair whose result has not been given yet */

const DEFAULT_MAX_MEMORY_BYTES = 256 * 2 ** 20
/** What an entry takes besides its inputs and its result. */
const ENTRY_BYTES = 1024
/** Results that are ready may wait behind one that is not, so that a slow pair idles no processor. */
const PULLED_PER_RUNNING = 2
/** Pairs after which timers and I/O get their turn, also where no pair is any work. */
const PAIRS_PER_TURN = 64
/** The same in bytes that pairs are expected to hold: copying them takes this thread a millisecond or two. */
const BYTES_PER_TURN = 8 * 2 ** 20

class Batch {
  /** @type {Differ} */ #differ
  /** @type {Kind} */ #kind
  /** @type {Record<string, unknown>} */ #options
  /** @type {AbortSignal | undefined} */ #signal
  /** @type {number} */ #maxBytes
  /** @type {number} */ #concurrency
  #source
  /** Ends the running calls. */
  #controller = new AbortController()
  /** In the order of the pairs. @type {Entry[]} */ #entries = []
  #running = 0
  #heldBytes = 0
  /** The next pair is taken to be like the last one. */
  #expectedBytes = 0
  /** No pair will follow. */
  #isEnded = false
  /** What the source threw. @type {{ error: unknown } | undefined} */ #failure
  /** Nobody wants results any more. */
  #isStopped = false
  /** @type {(() => void)[]} */ #sleepers = []

  /**
   * @param {Differ} differ
   * @param {{ maxMemoryBytes: number | undefined, concurrency: number | undefined }} limits
   * @param {{ pairs: unknown, kind: unknown, options: unknown }} call
   */
  constructor(differ, limits, { pairs, kind, options }) {
    this.#differ = differ
    this.#maxBytes = limits.maxMemoryBytes ?? DEFAULT_MAX_MEMORY_BYTES
    this.#concurrency = limits.concurrency ?? Math.max(1, availableParallelism() - 1)
    this.#kind = kindOf(kind)
    const { signal, ...others } = readOptions(options, '', [...this.#kind.options, 'signal'])
    this.#signal = optionalSignal(signal)
    this.#kind.check(others)
    this.#options = others
    this.#source = new Source(pairs)
  }

  /**
   * Who leaves ends what runs: a generator alone would answer only after the result that is asked for.
   *
   * @returns {AsyncGenerator<Result, undefined, undefined>}
   */
  results() {
    const results = this.#results()
    const leave = (/** @type {() => any} */ end) => {
      this.#stop()
      return end()
    }
    return /** @type {any} */ ({
      next: () => results.next(),
      return: (/** @type {any} */ value) => leave(() => results.return(value)),
      throw: (/** @type {unknown} */ error) => leave(() => results.throw(error)),
      [Symbol.asyncIterator]() {
        return this
      },
    })
  }

  /** @returns {AsyncGenerator<Result, undefined, undefined>} */
  async *#results() {
    const signal = this.#signal
    if (signal?.aborted) throw aborted(signal)
    const stop = () => this.#stop()
    signal?.addEventListener('abort', stop, { once: true })
    this.#pull()
    try {
      for (;;) {
        const result = await this.#next()
        if (result === undefined) return undefined
        yield result
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      this.#stop()
      await this.#source.close(!signal?.aborted)
    }
  }

  /** The result of the first pair that has not been given; undefined after the last. */
  async #next() {
    for (;;) {
      if (this.#signal?.aborted) throw aborted(this.#signal)
      if (this.#isStopped) return undefined
      const [first] = this.#entries
      if (first?.result !== undefined) {
        this.#entries.shift()
        this.#heldBytes -= first.held
        this.#wake()
        return first.result
      }
      if (first === undefined && this.#isEnded) {
        if (this.#failure !== undefined) throw this.#failure.error
        return undefined
      }
      await this.#change()
    }
  }

  /** Pulls pairs for as long as there are some and somebody wants them. Never rejects. */
  async #pull() {
    try {
      for (let [pulled, bytes] = [1, 0]; await this.#startNext(); pulled++) {
        bytes += this.#expectedBytes
        if (pulled % PAIRS_PER_TURN !== 0 && bytes < BYTES_PER_TURN) continue
        bytes = 0
        await setImmediate()
      }
    } catch (error) {
      this.#failure = { error }
    }
    this.#isEnded = true
    this.#wake()
  }

  /** Whether there was another pair. */
  async #startNext() {
    if (!(await this.#room(() => this.#mayPull()))) return false
    const { done, value } = await this.#source.next()
    if (done || this.#isStopped) return false
    await this.#start(value)
    return true
  }

  #mayPull() {
    return (
      this.#running < this.#concurrency &&
      this.#entries.length < PULLED_PER_RUNNING * this.#concurrency &&
      this.#fits(this.#expectedBytes)
    )
  }

  /** A pair that is larger than the budget runs alone. @param {number} bytes */
  #fits(bytes) {
    return this.#entries.length === 0 || this.#heldBytes + bytes <= this.#maxBytes
  }

  /** Starts the work on a pair as soon as there is room for it. @param {unknown} value */
  async #start(value) {
    const [kind, options] = [this.#kind, this.#options]
    const read = (/** @type {unknown[]} */ inputs) => kind.read(inputs, options)
    const { inputs, given, refusal } = await readPair(value, kind.inputs, read)
    const bytes = ENTRY_BYTES + cost(kind, inputs, options)
    this.#expectedBytes = bytes
    if (!(await this.#room(() => this.#fits(bytes)))) return
    /** @type {Entry} */
    const entry = { held: bytes, result: undefined }
    this.#entries.push(entry)
    this.#heldBytes += bytes
    this.#running++
    const work = refusal === undefined ? this.#call(inputs) : Promise.reject(refusal.reason)
    work.then(
      (value) => this.#settle(entry, { status: 'fulfilled', value, ...given }, value),
      (reason) => this.#settle(entry, { status: 'rejected', reason, ...given }, undefined),
    )
  }

  /** @param {unknown[]} inputs */
  #call(inputs) {
    const options = { ...this.#options, signal: this.#controller.signal }
    return this.#kind.call(this.#differ, inputs, options)
  }

  /** @param {Entry} entry @param {Result} result @param {unknown} value */
  #settle(entry, result, value) {
    const held = ENTRY_BYTES + (value === undefined ? 0 : this.#kind.held(value))
    this.#heldBytes += held - entry.held
    entry.held = held
    entry.result = result
    this.#running--
    this.#wake()
  }

  #stop() {
    this.#isStopped = true
    this.#controller.abort()
    this.#wake()
  }

  /** Waits until there is room; false if it is needed no more. @param {() => boolean} isThere */
  async #room(isThere) {
    while (!this.#isStopped && !isThere()) await this.#change()
    return !this.#isStopped
  }

  /** @returns {Promise<void>} */
  #change() {
    return new Promise((resolve) => this.#sleepers.push(resolve))
  }

  #wake() {
    const sleepers = this.#sleepers
    this.#sleepers = []
    for (const wake of sleepers) wake()
  }
}

/** @param {unknown} name @returns {Kind} */
function kindOf(name) {
  const kind = optionalChoice('kind', name, Object.keys(KINDS))
  if (kind === undefined) throw invalidArgType('kind', 'must be a string')
  return /** @type {Kind} */ (KINDS[kind])
}

module.exports = { Batch }
