'use strict'
// Why no addon was loaded, and what to do: one cause after the other, each with the next command.

const fs = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')
const { version } = require('../package.json')
const { glibcVersion } = require('./libc.js')

/** @typedef {import('./in-use.js').Attempt} Attempt */
/** @typedef {{ why: string, next: string }} Cause */

const TARGETS = [
  'linux-x64-gnu',
  'linux-x64-musl',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64-msvc',
  'win32-arm64-msvc',
]

/** What dlopen says of a file that is no library for this processor and system. */
const FOREIGN_FILE =
  /invalid ELF header|wrong ELF class|file too short|[Ee]xec format|not a valid Win32|not a mach-o|incompatible architecture|unexpected reloc/i
const OTHER_LIBC = /ld-linux|ld-musl|libc\.musl|Error relocating|libc\.so: /
const NO_EXECUTION = /failed to map segment|Operation not permitted|Permission denied/

/** @param {string[]} targets those that were tried, the likeliest first @param {Attempt[]} attempts */
function notLoaded(targets, attempts) {
  const wanted = targets[0] ?? ''
  if (!TARGETS.includes(wanted)) return unsupported()
  const lines = attempts.map(({ what, error }) => `  ${what}: ${reason(error)}`)
  return failure(`for ${wanted}`, lines, causes(wanted, attempts), attempts)
}

function unsupported() {
  const why = `no addon is built for ${process.platform} ${process.arch}`
  return failure('', [], [{ why, next: `run on one of ${TARGETS.join(', ')}` }], [])
}

/** @param {Attempt} attempt */
function overrideFailed(attempt) {
  const why = 'SEALDIFF_NATIVE_PATH is set, so that nothing else is tried'
  const next = 'correct SEALDIFF_NATIVE_PATH, or unset it to use the installed addon'
  return failure('', [`  ${attempt.what}: ${reason(attempt.error)}`], [{ why, next }], [attempt])
}

/** @param {string} wanted @param {string} other */
function inUseAlready(wanted, other) {
  const why = `this process uses the addon of ${other} already`
  const next = `import either sealdiff or sealdiff/${wanted} everywhere`
  return failure(`for ${wanted}`, [], [{ why, next }], [])
}

/** @param {string} target @param {string} found */
function otherVersion(target, found) {
  const error = new Error(`version ${found} is installed, but sealdiff is ${version}`)
  return Object.assign(error, { next: `npm install sealdiff-${target}@${version}` })
}

/** @param {string} subject @param {string[]} lines @param {Cause[]} causes @param {Attempt[]} attempts */
function failure(subject, lines, causes, attempts) {
  const told = causes.flatMap(({ why, next }) => [`- ${why}`, `  next: ${next}`])
  const title = ['cannot load the sealdiff addon', subject].filter(Boolean).join(' ')
  // A file that is there but does not load says more than one that is missing.
  const telling = attempts.find(({ found }) => found) ?? attempts[0]
  const message = [title, ...lines, ...told].join('\n')
  const error = telling ? new Error(message, { cause: telling.error }) : new Error(message)
  return Object.assign(error, {
    code: 'ERR_ADDON_NOT_FOUND',
    retryable: false,
    hint: causes[0]?.next,
  })
}

/** @param {Attempt['error']} error */
function reason(error) {
  return error.code === 'MODULE_NOT_FOUND' ? 'not found' : error.message.split('\n')[0]
}

/** What the attempts tell, the likeliest first. @param {string} wanted @param {Attempt[]} attempts */
function causes(wanted, attempts) {
  // Of a file for the other C library only that it is there says something; that it fails does not.
  const own = attempts.filter(({ target, found }) => found && target === wanted)
  const told = own.map((attempt) => causeOf(wanted, attempt))
  if (told.length > 0) return told
  if (isCheckout()) return [{ why: 'the addon was not built here', next: 'npm run build' }]
  return [missing(wanted)]
}

/** @param {string} wanted @param {Attempt} attempt @returns {Cause} */
function causeOf(wanted, { what, error }) {
  const { message } = error
  const name = `sealdiff-${wanted}`
  if ('next' in error) return { why: `${name}: ${message}`, next: String(error.next) }
  if (error.code === 'MODULE_NOT_FOUND') {
    const why = `${name} is installed without its addon: a build step or an ignore rule left *.node files out`
    return { why, next: 'npm ci, and copy node_modules with its *.node files' }
  }
  const glibc = /version `(GLIBC_[\d.]+)' not found/.exec(message)
  if (glibc) {
    const why = `the addon needs ${glibc[1]}, and this system has glibc ${glibcVersion() ?? 'of an older version'}`
    return { why, next: 'use a newer system or base image, such as node:22-slim' }
  }
  if (FOREIGN_FILE.test(message) || OTHER_LIBC.test(message)) {
    const why = `${what} is damaged, or was built for another system`
    return { why, next: isCheckout() ? 'npm run build' : `npm ci --${flags(wanted).join(' --')}` }
  }
  if (NO_EXECUTION.test(message)) {
    const why =
      'the system refuses to run code from that folder: it is mounted noexec, or not readable'
    return { why, next: 'install in a folder that may hold programs' }
  }
  return { why: `${what} is there and does not load`, next: 'see docs/install.md' }
}

/** @param {string} wanted @returns {Cause} */
function missing(wanted) {
  const next = `npm install ${flags(wanted)
    .map((flag) => `--${flag}`)
    .join(' ')} sealdiff`
  const others = TARGETS.filter((name) => name !== wanted && isInstalled(name))
  return { why: whyMissing(wanted, others), next }
}

/** @param {string} wanted @param {string[]} others targets whose packages are installed */
function whyMissing(wanted, others) {
  if (others.length === 0) {
    return `sealdiff-${wanted} is not installed: optional dependencies were left out (--omit=optional, --no-optional), or a lock file of another system was used`
  }
  const found = others.map((name) => `sealdiff-${name}`).join(', ')
  const sameSystem = others.some(
    (name) => name.split('-', 2).join() === wanted.split('-', 2).join(),
  )
  return sameSystem
    ? `${found} is installed, but this Node.js runs on ${libcOf(wanted)}: node_modules was copied from such a system, or the lock file lost "libc" (npm before 11.11)`
    : `${found} is installed, but this is ${wanted}: node_modules or the lock file comes from another system`
}

/** @param {string} target in npm's words */
function flags(target) {
  const [os, cpu] = target.split('-')
  const libc = libcOf(target)
  return [`os=${os}`, ...(libc ? [`libc=${libc}`] : []), `cpu=${cpu}`]
}

/** @param {string} target */
function libcOf(target) {
  if (target.endsWith('-gnu')) return 'glibc'
  return target.endsWith('-musl') ? 'musl' : undefined
}

/** @param {string} target */
function isInstalled(target) {
  try {
    createRequire(__filename).resolve(`sealdiff-${target}/package.json`)
    return true
  } catch {
    return false
  }
}

function isCheckout() {
  return fs.existsSync(path.join(__dirname, '../Cargo.toml'))
}

module.exports = { inUseAlready, notLoaded, otherVersion, overrideFailed }
