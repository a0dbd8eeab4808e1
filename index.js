'use strict'
// The door of the package: finds the addon of this system, and exports the public names.

require('./loader/find.js')

/** @type {typeof import('./index.d.ts')} */
const api = require('./api.js')

module.exports = api
