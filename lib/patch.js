'use strict'
// Patches: parsed, applied, reversed, written. Patch objects are the user's own, so they are read
// once into plain copies; what their contents mean is checked in Rust.

const { types } = require('node:util')
const native = require('../native.js')
const {
  isRecord,
  optionalChoice,
  optionalInteger,
  readOptions,
  requireArray,
  requireOwnMemory,
  requireText: requireAnyText,
} = require('./arguments.js')
const { invalidArgType } = require('./errors.js')
const { MAX_MODE } = require('./unified-layout.js')

const APPLY = ['fuzz', 'maxOffset', 'lineEndings']
/** @type {readonly ('exact' | 'follow-text')[]} */
const LINE_ENDINGS = ['exact', 'follow-text']
const MAX_LINE = 0xffffffff
const PATCH = 'must be a Patch, or the text of one as a string or a Uint8Array'

/** @type {typeof import('../index.js').parsePatch} */
function parsePatch(text) {
  return /** @type {any} */ (native.parsePatch(requireText('text', text)))
}

/**
 * @param {unknown} text @param {unknown} patch @param {unknown} [options]
 * @returns {any}
 */
function applyPatch(text, patch, options) {
  const { fuzz, maxOffset, lineEndings } = readOptions(options, '', APPLY)
  const settings = {
    fuzz: optionalInteger('fuzz', fuzz, 0, MAX_LINE),
    maxOffset: optionalInteger('maxOffset', maxOffset, 0, MAX_LINE),
    lineEndings: optionalChoice('lineEndings', lineEndings, LINE_ENDINGS),
  }
  requireText('text', text)
  if (isRecord(patch)) return native.applyPatch(text, readPatch('patch', patch), settings)
  return native.applyPatchText(text, requireText('patch', patch, PATCH), settings)
}

/**
 * @param {unknown} patch
 * @returns {any}
 */
function reversePatch(patch) {
  if (!Array.isArray(patch)) return native.reversePatch(readPatch('patch', patch))
  return readPatches(patch)
    .reverse()
    .map((one) => native.reversePatch(one))
}

/**
 * @param {unknown} patch
 * @returns {any}
 */
function formatPatch(patch) {
  const patches = Array.isArray(patch) ? readPatches(patch) : [readPatch('patch', patch)]
  return native.formatPatch(patches)
}

/** @param {unknown[]} patches */
function readPatches(patches) {
  return Array.from(patches, (patch, index) => readPatch(`patches[${index}]`, patch))
}

/** @param {string} path @param {unknown} value */
function readPatch(path, value) {
  const { oldName, newName, oldHeader, newHeader, index, git, isBinary, hunks } = members(
    path,
    value,
  )
  return {
    oldName: nameOrNull(`${path}.oldName`, oldName),
    newName: nameOrNull(`${path}.newName`, newName),
    oldHeader: optionalText(`${path}.oldHeader`, oldHeader),
    newHeader: optionalText(`${path}.newHeader`, newHeader),
    index: optionalText(`${path}.index`, index),
    git: git === undefined ? undefined : readGit(`${path}.git`, git),
    isBinary: requireBoolean(`${path}.isBinary`, isBinary),
    hunks: requireArray(`${path}.hunks`, hunks).map((hunk, at) =>
      readHunk(`${path}.hunks[${at}]`, hunk),
    ),
  }
}

/** @param {string} path @param {unknown} value */
function readGit(path, value) {
  const git = members(path, value)
  const { index } = git
  return {
    oldName: requireText(`${path}.oldName`, git.oldName),
    newName: requireText(`${path}.newName`, git.newName),
    oldMode: optionalInteger(`${path}.oldMode`, git.oldMode, 0, MAX_MODE),
    newMode: optionalInteger(`${path}.newMode`, git.newMode, 0, MAX_MODE),
    isNew: requireBoolean(`${path}.isNew`, git.isNew),
    isDeleted: requireBoolean(`${path}.isDeleted`, git.isDeleted),
    similarity: optionalInteger(`${path}.similarity`, git.similarity, 0, 100),
    dissimilarity: optionalInteger(`${path}.dissimilarity`, git.dissimilarity, 0, 100),
    renameFrom: optionalText(`${path}.renameFrom`, git.renameFrom),
    renameTo: optionalText(`${path}.renameTo`, git.renameTo),
    copyFrom: optionalText(`${path}.copyFrom`, git.copyFrom),
    copyTo: optionalText(`${path}.copyTo`, git.copyTo),
    index: index === undefined ? undefined : readIndex(`${path}.index`, index),
  }
}

/** @param {string} path @param {unknown} value */
function readIndex(path, value) {
  const index = members(path, value)
  return {
    old: requireText(`${path}.old`, index.old),
    new: requireText(`${path}.new`, index.new),
    mode: optionalInteger(`${path}.mode`, index.mode, 0, MAX_MODE),
  }
}

/** @param {string} path @param {unknown} value */
function readHunk(path, value) {
  const { oldStart, oldLines, newStart, newLines, section, lines } = members(path, value)
  return {
    oldStart: requireLine(`${path}.oldStart`, oldStart),
    oldLines: requireLine(`${path}.oldLines`, oldLines),
    newStart: requireLine(`${path}.newStart`, newStart),
    newLines: requireLine(`${path}.newLines`, newLines),
    section: optionalText(`${path}.section`, section),
    lines: requireTexts(`${path}.lines`, lines),
  }
}

/** Data may hold more than is read here, unlike options. @param {string} path @param {unknown} value */
function members(path, value) {
  if (!isRecord(value)) throw invalidArgType(path, 'must be an object')
  return /** @type {Record<string, unknown>} */ (value)
}

/** Names a line only if there is something to say about it. @param {string} path @param {unknown} value */
function requireTexts(path, value) {
  const texts = requireArray(path, value)
  const wrong = texts.findIndex((text) => typeof text !== 'string' && !types.isUint8Array(text))
  if (wrong !== -1) requireText(`${path}[${wrong}]`, texts[wrong])
  return texts.map((text, at) => requireOwnMemory(`${path}[${at}]`, text))
}

/** @param {string} path @param {unknown} value @param {string} [requirement] */
function requireText(path, value, requirement) {
  return requireOwnMemory(path, requireAnyText(path, value, requirement))
}

/** @param {string} path @param {unknown} value */
function requireBoolean(path, value) {
  if (typeof value !== 'boolean') throw invalidArgType(path, 'must be a boolean')
  return value
}

/** @param {string} path @param {unknown} value @returns {number} */
function requireLine(path, value) {
  const line = optionalInteger(path, value, 0, MAX_LINE)
  if (line === undefined) throw invalidArgType(path, 'must be a number')
  return line
}

/** @param {string} path @param {unknown} value */
function nameOrNull(path, value) {
  return value === null ? null : requireText(path, value, 'must be a string, a Uint8Array or null')
}

/** @param {string} path @param {unknown} value */
function optionalText(path, value) {
  return value === undefined ? undefined : requireText(path, value)
}

module.exports = { applyPatch, formatPatch, parsePatch, reversePatch }
