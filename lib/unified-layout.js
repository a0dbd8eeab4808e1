'use strict'
// Reads the options of unified diffs.

const {
  optionalBoolean,
  optionalChoice,
  optionalInteger,
  readOptions,
  requireData,
  requireOwnMemory,
} = require('./arguments.js')
const { invalidArgType, invalidArgValue } = require('./errors.js')

const HEADER = ['style', 'oldName', 'newName', 'oldMode', 'newMode']
/** @type {readonly ('plain' | 'git')[]} */
const STYLES = ['plain', 'git']
const MAX_CONTEXT = 0xffffffff
/** File modes of git have 16 bits; its patches have room for 21. */
const MAX_MODE = 0o7777777

/**
 * @param {unknown} options of unified()
 * @param {number | undefined} context the differ's
 * @param {readonly string[]} [others] names of options that are not read here
 */
function unifiedLayout(options, context, others = []) {
  const read = readOptions(options, '', ['context', 'header', 'showFunction', ...others])
  return {
    read,
    layout: {
      context: optionalInteger('context', read.context, 0, MAX_CONTEXT) ?? context,
      header: header(read.header),
      showFunction: optionalBoolean('showFunction', read.showFunction),
    },
  }
}

/** @param {unknown} value */
function header(value) {
  if (value === undefined) return undefined
  const { style, oldName, newName, oldMode, newMode } = readOptions(value, 'header', HEADER)
  const isGit = optionalChoice('header.style', style, STYLES) === 'git'
  if (oldName === null && newName === null) {
    throw invalidArgValue('header.oldName', 'must not be null if header.newName is')
  }
  return {
    isGit,
    oldName: fileName('header.oldName', oldName),
    newName: fileName('header.newName', newName),
    oldMode: mode('header.oldMode', oldMode, isGit && oldName !== null),
    newMode: mode('header.newMode', newMode, isGit && newName !== null),
  }
}

/** @param {string} name @param {unknown} value @returns {string | Uint8Array | undefined} */
function fileName(name, value) {
  if (value === null) return undefined
  if (value === undefined) throw invalidArgType(name, 'must be a string, a Uint8Array or null')
  const file = requireOwnMemory(name, requireData(name, value))
  if (file.length === 0) throw invalidArgValue(name, 'must not be empty')
  return file
}

/** @param {string} name @param {unknown} value @param {boolean} isWritten */
function mode(name, value, isWritten) {
  if (value !== undefined && !isWritten) {
    throw invalidArgValue(name, "needs style 'git' and a name on its side")
  }
  return optionalInteger(name, value, 0, MAX_MODE)
}

module.exports = { MAX_CONTEXT, MAX_MODE, unifiedLayout }
