'use strict'
// TestMetastore of sealdiff/testing: key records in memory, for tests to see and to revoke.

const { invalidArgType } = require('./errors.js')

/** @import { TestMetastore as Contract, TestRow } from '../testing.js' */

/** @implements {Contract} */
class TestMetastore {
  /** @type {{ id: string, created: number, record: string }[]} */
  #rows = []

  /** @type {Contract['load']} */
  async load(id, created) {
    const row = this.#rows.find((row) => row.id === id && row.created === created)
    return row?.record ?? null
  }

  /** @type {Contract['loadLatest']} */
  async loadLatest(id) {
    const versions = this.#rows.filter((row) => row.id === id)
    versions.sort((one, other) => other.created - one.created)
    return versions[0]?.record ?? null
  }

  /** @type {Contract['store']} */
  async store(id, created, record) {
    if (this.#rows.some((row) => row.id === id && row.created === created)) return false
    this.#rows.push({ id, created, record })
    return true
  }

  rows() {
    return this.#rows.map(shown)
  }

  /** @type {Contract['revoke']} */
  revoke(which) {
    const chosen = this.#rows.filter(chooser(which))
    for (const row of chosen)
      row.record = JSON.stringify({ ...JSON.parse(row.record), Revoked: true })
    return chosen.length
  }
}

/** @param {{ id: string, created: number, record: string }} row @returns {TestRow} */
function shown(row) {
  return { ...row, revoked: JSON.parse(row.record).Revoked === true }
}

/** @param {unknown} which @returns {(row: { id: string, created: number, record: string }) => boolean} */
function chooser(which) {
  if (which === undefined) return () => true
  if (typeof which === 'string') return ({ id }) => id === which
  if (typeof which === 'function') return (row) => Boolean(which(shown(row)))
  throw invalidArgType('which', 'must be a string or a function')
}

module.exports = { TestMetastore }
