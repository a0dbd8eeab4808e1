// Small numbers that look random and are the same on every run (mulberry32).

/** @param {number} seed @returns {(limit: number) => number} a whole number from 0 to below the limit */
export function randomSource(seed) {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((((mixed ^ (mixed >>> 14)) >>> 0) * limit) / 2 ** 32) >>> 0
  }
}
