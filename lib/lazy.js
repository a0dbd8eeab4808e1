'use strict'
// Parts that many programs never use, read from disk when they are first used: each file costs time at start.

/**
 * @template T
 * @param {() => T} load a `require` of a literal name, which bundlers can follow
 * @returns {() => T}
 */
function lazy(load) {
  /** @type {T | undefined} */
  let part
  return () => {
    part ??= load()
    return part
  }
}

module.exports = { lazy }
