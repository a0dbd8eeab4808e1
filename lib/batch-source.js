'use strict'
// The iterable that a batch pulls its pairs from. It is the user's, and may do anything.

const { isRecord } = require('./arguments.js')
const { invalidArgType } = require('./errors.js')

/** Pulls from an iterable or async iterable, and closes it as `for await` would. */
class Source {
  /** @type {any} */ #pairs
  /** @type {any} */ #iterator
  /** @type {'new' | 'pulling' | 'open' | 'ended'} */ #state = 'new'

  /** @param {any} pairs */
  constructor(pairs) {
    const isObject = typeof pairs === 'object' || typeof pairs === 'function'
    if (!isObject || pairs === null || typeof iteratorOf(pairs) !== 'function') {
      throw invalidArgType('pairs', 'must be an iterable or an async iterable')
    }
    this.#pairs = pairs
  }

  /** @returns {Promise<{ done: boolean, value: unknown }>} */
  async next() {
    this.#state = 'pulling'
    try {
      this.#iterator ??= iteratorOf(this.#pairs).call(this.#pairs)
      const step = await this.#iterator.next()
      if (typeof step !== 'object' || step === null) {
        throw invalidArgType('pairs', 'must be an iterable whose next() gives objects')
      }
      const done = Boolean(step.done)
      const value = done ? undefined : step.value
      this.#state = done ? 'ended' : 'open'
      return { done, value }
    } catch (error) {
      // What threw is not closed.
      this.#state = 'ended'
      throw error
    }
  }

  /**
   * Tells the iterable that nothing more will be pulled. Of one that has yet to answer, or that nobody waits for,
   * what it does then is its own affair.
   *
   * @param {boolean} isWaitedFor
   */
  async close(isWaitedFor) {
    const state = this.#state
    if (state === 'new' || state === 'ended') return
    this.#state = 'ended'
    const closing = this.#return()
    if (isWaitedFor && state === 'open') await closing
    else closing.catch(() => {})
  }

  async #return() {
    await this.#iterator.return?.()
  }
}

/** @param {any} pairs */
function iteratorOf(pairs) {
  return pairs[Symbol.asyncIterator] ?? pairs[Symbol.iterator]
}

/**
 * Reads a pair, each member once. What it throws, or `read`, is the pair's own failure.
 *
 * @param {unknown} value a pair, or a promise of one
 * @param {readonly string[]} names of the inputs
 * @param {(inputs: unknown[]) => unknown[]} read makes of the inputs what is worked on
 * @returns {Promise<{ inputs: unknown[], given: { key?: unknown }, refusal?: { reason: unknown } }>}
 */
async function readPair(value, names, read) {
  /** @type {{ key?: unknown }} */
  const given = {}
  try {
    const pair = await value
    if (Array.isArray(pair)) return { inputs: read(names.map((_, at) => pair[at])), given }
    if (!isRecord(pair)) throw invalidArgType('pair', 'must be an object or an array')
    const { key } = pair
    if (key !== undefined) given.key = key
    return { inputs: read(names.map((name) => pair[name])), given }
  } catch (reason) {
    return { inputs: [], given, refusal: { reason } }
  }
}

module.exports = { Source, readPair }
