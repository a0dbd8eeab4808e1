'use strict'
// The door of `sealdiff/darwin-arm64`: the public names over that addon, whatever system this is.
// Written by scripts/npm-folders.mjs.

require('../loader/in-use.js').useExactly('darwin-arm64', (_, check) => {
  check(require('sealdiff-darwin-arm64/package.json'))
  return require('sealdiff-darwin-arm64')
})

module.exports = require('../api.js')
