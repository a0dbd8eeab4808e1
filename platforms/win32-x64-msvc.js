'use strict'
// The door of `sealdiff/win32-x64-msvc`: the public names over that addon, whatever system this is.
// Written by scripts/npm-folders.mjs.

require('../loader/in-use.js').useExactly('win32-x64-msvc', (_, check) => {
  check(require('sealdiff-win32-x64-msvc/package.json'))
  return require('sealdiff-win32-x64-msvc')
})

module.exports = require('../api.js')
