'use strict'
// The public names, over whichever addon is in use.

const { Differ } = require('./lib/differ.js')
const { ErrorCode } = require('./lib/error-code.js')
const { isSealdiffError } = require('./lib/errors.js')
const { inspect } = require('./lib/inspect.js')
const { JsonDiff } = require('./lib/json-diff.js')
const { applyJsonPatch, applyMergePatch } = require('./lib/json-patch.js')
const { applyPatch, formatPatch, parsePatch, reversePatch } = require('./lib/patch.js')
const { Session } = require('./lib/session.js')
const { SessionFactory } = require('./lib/session-factory.js')
const { TextDiff } = require('./lib/text-diff.js')

// Assigned as a literal, which is what Node.js reads to give `import` of a platform's subpath these names.
module.exports = {
  Differ,
  ErrorCode,
  JsonDiff,
  Session,
  SessionFactory,
  TextDiff,
  applyJsonPatch,
  applyMergePatch,
  applyPatch,
  formatPatch,
  inspect,
  isSealdiffError,
  parsePatch,
  reversePatch,
}
