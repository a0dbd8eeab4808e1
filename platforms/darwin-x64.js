'use strict'
// The door of `sealdiff/darwin-x64`: the public names over that addon, whatever system this is.
// Written by scripts/npm-folders.mjs.

require('../loader/in-use.js').useExactly('darwin-x64', (_, check) => {
  check(require('sealdiff-darwin-x64/package.json'))
  return require('sealdiff-darwin-x64')
})

module.exports = require('../api.js')
