'use strict'
// Finds and loads the Rust addon; knows file and package names, nothing of what the addon does.

const fs = require('node:fs')
const path = require('node:path')
const { version } = require('./package.json')

// Literal strings, so that bundlers and file tracers see every file a target may need.
// `local` is a build in this checkout, `packed` the platform package that npm installs.
const TARGETS = {
  'linux-x64-gnu': {
    local: () => require('./sealdiff.linux-x64-gnu.node'),
    packed: () => require('sealdiff-linux-x64-gnu'),
    manifest: () => require('sealdiff-linux-x64-gnu/package.json'),
  },
  'linux-x64-musl': {
    local: () => require('./sealdiff.linux-x64-musl.node'),
    packed: () => require('sealdiff-linux-x64-musl'),
    manifest: () => require('sealdiff-linux-x64-musl/package.json'),
  },
  'linux-arm64-gnu': {
    local: () => require('./sealdiff.linux-arm64-gnu.node'),
    packed: () => require('sealdiff-linux-arm64-gnu'),
    manifest: () => require('sealdiff-linux-arm64-gnu/package.json'),
  },
  'linux-arm64-musl': {
    local: () => require('./sealdiff.linux-arm64-musl.node'),
    packed: () => require('sealdiff-linux-arm64-musl'),
    manifest: () => require('sealdiff-linux-arm64-musl/package.json'),
  },
  'darwin-x64': {
    local: () => require('./sealdiff.darwin-x64.node'),
    packed: () => require('sealdiff-darwin-x64'),
    manifest: () => require('sealdiff-darwin-x64/package.json'),
  },
  'darwin-arm64': {
    local: () => require('./sealdiff.darwin-arm64.node'),
    packed: () => require('sealdiff-darwin-arm64'),
    manifest: () => require('sealdiff-darwin-arm64/package.json'),
  },
  'win32-x64-msvc': {
    local: () => require('./sealdiff.win32-x64-msvc.node'),
    packed: () => require('sealdiff-win32-x64-msvc'),
    manifest: () => require('sealdiff-win32-x64-msvc/package.json'),
  },
  'win32-arm64-msvc': {
    local: () => require('./sealdiff.win32-arm64-msvc.node'),
    packed: () => require('sealdiff-win32-arm64-msvc'),
    manifest: () => require('sealdiff-win32-arm64-msvc/package.json'),
  },
}

module.exports = load()

function load() {
  const attempts = []
  const override = process.env.SEALDIFF_NATIVE_PATH
  if (override) {
    const addon = attempt(attempts, `SEALDIFF_NATIVE_PATH=${override}`, () =>
      require(path.resolve(override)),
    )
    if (addon) return addon
    throw notFound(
      attempts,
      'Correct SEALDIFF_NATIVE_PATH, or unset it to use the installed addon.',
    )
  }
  const names = candidates().filter((name) => name in TARGETS)
  for (const name of names) {
    const { local, packed, manifest } = TARGETS[name]
    const addon =
      attempt(attempts, `./sealdiff.${name}.node`, local) ??
      attempt(attempts, `sealdiff-${name}@${version}`, () => {
        requireSameVersion(name, manifest().version)
        return packed()
      })
    if (addon) return addon
  }
  throw notFound(attempts, nextCommand(names[0]))
}

/** Target names for this process, the likeliest first. */
function candidates() {
  const { platform, arch } = process
  if (platform === 'win32') return [`win32-${arch}-msvc`]
  if (platform !== 'linux') return [`${platform}-${arch}`]
  // The other libc comes last: a wrong guess must not fail where an addon that works is installed.
  const libcs = isMusl() ? ['musl', 'gnu'] : ['gnu', 'musl']
  return libcs.map((libc) => `linux-${arch}-${libc}`)
}

/** Whether this Node runs on musl: what the executable itself asks for, else what the process reports. */
function isMusl() {
  const interpreter = elfInterpreter(process.execPath)
  if (interpreter) return interpreter.includes('/ld-musl-')
  const report = process.report?.getReport()
  if (report?.header?.glibcVersionRuntime) return false
  if (report?.sharedObjects?.some((file) => /\/(ld-musl-|libc\.musl-)/.test(file))) return true
  return lddIsMusl()
}

/** The path in PT_INTERP of a 64-bit little-endian ELF file, or '' (also for a static executable). */
function elfInterpreter(file) {
  const PT_INTERP = 3
  let fd
  try {
    fd = fs.openSync(file, 'r')
    const header = bytesAt(fd, 0, 64)
    if (header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return ''
    const entrySize = header.readUInt16LE(54)
    const entries = bytesAt(
      fd,
      Number(header.readBigUInt64LE(32)),
      entrySize * header.readUInt16LE(56),
    )
    for (let at = 0; at + 56 <= entries.length; at += entrySize) {
      if (entries.readUInt32LE(at) !== PT_INTERP) continue
      // Anywhere in the file: patched executables keep the string at its end.
      const offset = Number(entries.readBigUInt64LE(at + 8))
      return bytesAt(fd, offset, Number(entries.readBigUInt64LE(at + 32))).toString('latin1')
    }
    return ''
  } catch {
    return '' // unreadable or cut short: the caller asks elsewhere
  } finally {
    if (fd !== undefined) fs.closeSync(fd)
  }
}

function bytesAt(fd, position, length) {
  if (length > 65536) throw new RangeError('not a program header')
  const bytes = Buffer.alloc(length)
  if (fs.readSync(fd, bytes, 0, length, position) < length) throw new RangeError('file too short')
  return bytes
}

function lddIsMusl() {
  try {
    // musl's ldd prints its name and fails without an argument, so both streams are read.
    const { stdout, stderr } = require('node:child_process').spawnSync('ldd', ['--version'])
    return `${stdout}${stderr}`.includes('musl')
  } catch {
    return false
  }
}

function attempt(attempts, what, loadAddon) {
  try {
    return loadAddon()
  } catch (error) {
    const reason = error.code === 'MODULE_NOT_FOUND' ? 'not found' : error.message
    attempts.push({ what, reason: reason.split('\n')[0], error })
    return undefined
  }
}

function requireSameVersion(name, found) {
  if (found === version) return
  throw new Error(
    `version ${found} is installed, but sealdiff is ${version}: run "npm install sealdiff-${name}@${version}"`,
  )
}

function nextCommand(name) {
  if (!name) return `No addon is built for ${process.platform} ${process.arch}.`
  return (
    `Installed from npm: run "npm install sealdiff-${name}@${version}", and do not omit optional dependencies. ` +
    'In a checkout: run "npm run build".'
  )
}

function notFound(attempts, next) {
  const lines = attempts.map(({ what, reason }) => `  ${what}: ${reason}`)
  const error = new Error(['cannot load the sealdiff addon', ...lines, next].join('\n'), {
    // A file that is there but does not load says more than one that is missing.
    cause: (attempts.find(({ error }) => error.code !== 'MODULE_NOT_FOUND') ?? attempts[0])?.error,
  })
  return Object.assign(error, { code: 'ERR_ADDON_NOT_FOUND', retryable: false, hint: next })
}
