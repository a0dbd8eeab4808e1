// The JSON of a run: written, read back and checked. Its schema is described in README.md.
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { SCHEMA } from './run.mjs'
import { SUITES } from './suites.mjs'

/** A mistake of whoever calls the command: said in one line, without a stack. */
export class UsageError extends Error {}

/** @param {object} run @returns {string} */
export function toJson(run) {
  // Six digits say more than any clock knows.
  const rounded = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)
  return `${JSON.stringify(run, rounded, 2)}\n`
}

/** @param {string} file @param {string} text */
export function writeOutput(file, text) {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new UsageError(`can't write ${file}: ${error.message}`)
  }
}

/** Before anything is measured; what the file holds stays. @param {string} file */
export function checkOutput(file) {
  try {
    closeSync(openSync(file, 'a'))
  } catch (error) {
    throw new UsageError(`can't write ${file}: ${error.message}`)
  }
}

/** @param {string} file */
export function readRun(file) {
  let run
  try {
    run = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`can't read ${file}: ${error.message}`)
  }
  const mistake = mistakeIn(run)
  if (mistake) throw new UsageError(`${file} is not a run that --json wrote: ${mistake}`)
  return run
}

const EFFORT = { rounds: 'number', roundMs: 'number' }
const NOISE = { group: 'string', name: 'string', ratio: 'number' }
const PART = { suite: 'string', name: 'string', title: 'string', about: 'string', rows: 'array' }
const ROW = { group: 'string', name: 'string' }
const MEASURED = { unit: 'string', value: 'number', better: 'string' }
const OPTIONAL = {
  spread: 'pair',
  quartiles: 'pair',
  extremes: 'pair',
  cpu: 'numbers',
  wall: 'numbers',
  ratio: 'number',
  limit: 'number',
  runs: 'number',
  note: 'string',
  clock: 'string',
}

/** What is wrong with it, or undefined. @param {any} run */
export function mistakeIn(run) {
  if (run?.schema !== SCHEMA.schema) return `its schema is not ${SCHEMA.schema}`
  if (run.schemaVersion !== SCHEMA.schemaVersion) {
    return `its schemaVersion is ${run.schemaVersion}, this one reads ${SCHEMA.schemaVersion}`
  }
  const head = { sealdiff: 'object', node: 'object', machine: 'object', parts: 'array' }
  const times = {
    started: 'string',
    seconds: 'number',
    mode: 'string',
    effort: 'object',
    suites: 'array',
  }
  return (
    wrongField(run, 'the run', { ...head, ...times }) ??
    wrongField(run.effort, 'effort', EFFORT) ??
    wrongField(run.effort, 'effort', { warmMs: 'number' }, true) ??
    wrongField(run.machine, 'machine', { load: 'number' }, true) ??
    firstOf(run.parts, mistakeInPart)
  )
}

function mistakeInPart(part, at) {
  const where = `parts[${at}]`
  return (
    wrongField(part, where, PART) ??
    (SUITES.includes(part.suite) ? undefined : `${where}.suite is not a suite: ${part.suite}`) ??
    wrongField(part, where, { noise: 'object' }, true) ??
    (part.noise && wrongField(part.noise, `${where}.noise`, NOISE)) ??
    (part.noise && wrongField(part.noise, `${where}.noise`, { quartiles: 'pair' }, true)) ??
    firstOf(part.rows, (row, i) => mistakeInRow(row, `${where}.rows[${i}]`))
  )
}

function mistakeInRow(row, where) {
  const wrong = wrongField(row, where, ROW)
  if (wrong !== undefined || row.failed || row.leftOut) return wrong
  if (row.missing) return wrongField(row.missing, where, { name: 'string', command: 'string' })
  return (
    wrongField(row, where, MEASURED) ??
    wrongField(row, where, { ...OPTIONAL, beside: 'object' }, true) ??
    (row.beside && wrongField(row.beside, `${where}.beside`, { name: 'string', value: 'number' }))
  )
}

function wrongField(value, where, fields, areOptional = false) {
  for (const [field, kind] of Object.entries(fields)) {
    const given = value?.[field]
    if (areOptional && given === undefined) continue
    if (!KINDS[kind](given)) return `${where}.${field} is not ${kind}`
  }
  return undefined
}

const KINDS = {
  string: (value) => typeof value === 'string',
  number: (value) => Number.isFinite(value),
  object: (value) => typeof value === 'object' && value !== null,
  array: (value) => Array.isArray(value),
  pair: (value) => KINDS.numbers(value) && value.length === 2,
  numbers: (value) => Array.isArray(value) && value.every(Number.isFinite),
}

function firstOf(items, mistake) {
  for (const [at, item] of items.entries()) {
    const found = mistake(item, at)
    if (found !== undefined) return found
  }
  return undefined
}
