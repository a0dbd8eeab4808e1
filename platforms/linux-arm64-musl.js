'use strict'
// The door of `sealdiff/linux-arm64-musl`: the public names over that addon, whatever system this is.
// Written by scripts/npm-folders.mjs.

require('../loader/in-use.js').useExactly('linux-arm64-musl', (_, check) => {
  check(require('sealdiff-linux-arm64-musl/package.json'))
  return require('sealdiff-linux-arm64-musl')
})

module.exports = require('../api.js')
