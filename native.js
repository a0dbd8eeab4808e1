'use strict'
// The addon in use, as lib/ sees it. Which one that is was settled by the door that was opened first.

module.exports = require('./loader/in-use.js').addonInUse()
