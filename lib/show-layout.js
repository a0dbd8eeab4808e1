'use strict'
// Reads the options of what shows a diff to people: ansi() and html().

const {
  optionalChoice,
  optionalInteger,
  optionalSignal,
  readOptions,
  requireString,
} = require('./arguments.js')
const { invalidArgValue } = require('./errors.js')
const { MAX_CONTEXT } = require('./unified-layout.js')

const NAMES = ['context', 'oldName', 'newName']
const PAGE = [...NAMES, 'title', 'view', 'maxHtmlBytes']
/** @type {readonly ('side-by-side' | 'inline')[]} */
const VIEWS = ['side-by-side', 'inline']
/** V8's longest string. */
const MAX_HTML_BYTES = 0x1fffffe8

/** @param {unknown} options of ansi() @param {number | undefined} context the differ's */
function ansiLayout(options, context) {
  return { ...readNames(readOptions(options, '', NAMES), context), isInline: false }
}

/**
 * @param {unknown} options of html() @param {number | undefined} context the differ's
 * @param {readonly string[]} [others] 'signal', for the promise form
 */
function htmlLayout(options, context, others = []) {
  const read = readOptions(options, '', [...PAGE, ...others])
  const layout = {
    ...readNames(read, context),
    title: optionalString('title', read.title),
    isInline: optionalChoice('view', read.view, VIEWS) === 'inline',
    maxBytes: optionalInteger('maxHtmlBytes', read.maxHtmlBytes, 1, MAX_HTML_BYTES),
  }
  return { layout, signal: optionalSignal(read.signal) }
}

/** @param {Record<string, unknown>} read @param {number | undefined} ofDiffer its context */
function readNames({ context, oldName, newName }, ofDiffer) {
  if ((oldName === undefined) !== (newName === undefined)) {
    const missing = oldName === undefined ? 'oldName' : 'newName'
    throw invalidArgValue(missing, 'must be given if the other name is')
  }
  return {
    context: optionalInteger('context', context, 0, MAX_CONTEXT) ?? ofDiffer,
    oldName: optionalString('oldName', oldName),
    newName: optionalString('newName', newName),
  }
}

/** @param {string} name @param {unknown} value */
function optionalString(name, value) {
  return value === undefined ? undefined : requireString(name, value)
}

module.exports = { ansiLayout, htmlLayout }
