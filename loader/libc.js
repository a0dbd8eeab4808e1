'use strict'
// Which C library this Node.js runs on. Linux only.

const fs = require('node:fs')

/** Whether this Node runs on musl: what the executable itself asks for, else what the process reports. */
function isMusl() {
  const interpreter = elfInterpreter(process.execPath)
  if (interpreter) return interpreter.includes('/ld-musl-')
  const { header, sharedObjects } = processReport()
  if (header?.glibcVersionRuntime) return false
  if (sharedObjects?.some((file) => /\/(ld-musl-|libc\.musl-)/.test(file))) return true
  return lddIsMusl()
}

/** The version of the running glibc, or undefined. */
function glibcVersion() {
  return processReport().header?.glibcVersionRuntime
}

/** @typedef {{ header?: { glibcVersionRuntime?: string }, sharedObjects?: string[] }} Report */

/** @returns {Report} */
function processReport() {
  const reports = /** @type {any} */ (process.report)
  if (!reports) return {} // not every runtime that loads addons has them
  const { excludeNetwork } = reports
  try {
    reports.excludeNetwork = true // the names of open connections can take seconds to look up
    return reports.getReport() ?? {}
  } catch {
    return {}
  } finally {
    reports.excludeNetwork = excludeNetwork
  }
}

/** The path in PT_INTERP of a 64-bit little-endian ELF file, or '' (also for a static executable). */
/** @param {string} file */
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

/** @param {number} fd @param {number} position @param {number} length */
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

module.exports = { glibcVersion, isMusl }
