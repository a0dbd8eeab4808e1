'use strict'
// The door of `sealdiff/linux-x64-musl`: the public names over that addon, whatever system this is.
// Written by scripts/npm-folders.mjs.

require('../loader/in-use.js').useExactly('linux-x64-musl', (_, check) => {
  check(require('sealdiff-linux-x64-musl/package.json'))
  return require('sealdiff-linux-x64-musl')
})

module.exports = require('../api.js')
