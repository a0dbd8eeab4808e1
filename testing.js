'use strict'
// The door of `sealdiff/testing`: exports, nothing else.

require('./loader/find.js')

const { TestClock } = require('./lib/test-clock.js')
const { openForTests } = require('./lib/open-for-tests.js')
const { TestMetastore } = require('./lib/test-metastore.js')

/** @type {typeof import('./testing.d.ts')} */
const api = { TestClock, TestMetastore, openForTests }

module.exports = api
