// @ts-nocheck: names packages that a checkout does not have
'use strict'
// Finds the addon of this system among the platform packages, for the doors that name none.

const { useFirst } = require('./in-use.js')
const { isMusl } = require('./libc.js')

/** @typedef {import('./in-use.js').Load} Load */

useFirst(targetsOfThisProcess, requirePackage)

/** The likeliest first. */
function targetsOfThisProcess() {
  const { platform, arch } = process
  if (platform === 'win32') return [`win32-${arch}-msvc`]
  if (platform !== 'linux') return [`${platform}-${arch}`]
  // The other libc comes last: a wrong guess must not fail where an addon that works is installed.
  const libcs = isMusl() ? ['musl', 'gnu'] : ['gnu', 'musl']
  return libcs.map((libc) => `linux-${arch}-${libc}`)
}

/**
 * Literal names, so that bundlers and file tracers see every package that may be needed; and within `try`,
 * which tells them that one which is not installed is no mistake.
 *
 * @type {Load}
 */
function requirePackage(target, check) {
  try {
    switch (target) {
      case 'linux-x64-gnu':
        check(require('sealdiff-linux-x64-gnu/package.json'))
        return require('sealdiff-linux-x64-gnu')
      case 'linux-x64-musl':
        check(require('sealdiff-linux-x64-musl/package.json'))
        return require('sealdiff-linux-x64-musl')
      case 'linux-arm64-gnu':
        check(require('sealdiff-linux-arm64-gnu/package.json'))
        return require('sealdiff-linux-arm64-gnu')
      case 'linux-arm64-musl':
        check(require('sealdiff-linux-arm64-musl/package.json'))
        return require('sealdiff-linux-arm64-musl')
      case 'darwin-x64':
        check(require('sealdiff-darwin-x64/package.json'))
        return require('sealdiff-darwin-x64')
      case 'darwin-arm64':
        check(require('sealdiff-darwin-arm64/package.json'))
        return require('sealdiff-darwin-arm64')
      case 'win32-x64-msvc':
        check(require('sealdiff-win32-x64-msvc/package.json'))
        return require('sealdiff-win32-x64-msvc')
      case 'win32-arm64-msvc':
        check(require('sealdiff-win32-arm64-msvc/package.json'))
        return require('sealdiff-win32-arm64-msvc')
      default:
        throw new Error('no addon is built for this system')
    }
  } catch (error) {
    // biome-ignore lint/complexity/noUselessCatch: the `try` is there for bundlers
    throw error
  }
}
