'use strict'
// What a record tells without a key.

const native = require('../native.js')
const { requireData } = require('./arguments.js')

/** @type {typeof import('../index.js').inspect} */
function inspect(record) {
  return /** @type {import('../index.js').RecordSummary} */ (
    native.inspect(requireData('record', record))
  )
}

module.exports = { inspect }
