'use strict'
// The addon that this process uses: one, loaded by whichever door of the package is opened first.
// Names no platform package, so that a bundle made from a platform's subpath holds that addon alone.

const fs = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')
const { version } = require('../package.json')

/** @typedef {typeof import('../native.js')} Addon */
/** @typedef {(manifest: { version: string }) => void} Check */
/** @typedef {(target: string, check: Check) => Addon} Load requires a platform package, its manifest first */
/** @typedef {{ target?: string, what: string, found: boolean, error: Error & { code?: string } }} Attempt */

/** @type {{ target?: string, addon: Addon } | undefined} */
let inUse

function addonInUse() {
  if (inUse) return inUse.addon
  throw new Error('sealdiff was entered by a file that is no door of it')
}

/**
 * The addon of the first target that has one, unless an addon is in use already.
 *
 * @param {() => string[]} targets the likeliest first @param {Load} load
 */
function useFirst(targets, load) {
  inUse ??= loadOverride() ?? loadFirst(targets(), load)
}

/**
 * The addon of this target and of no other.
 *
 * @param {string} target @param {Load} load
 */
function useExactly(target, load) {
  useFirst(() => [target], load)
  // No target: SEALDIFF_NATIVE_PATH has the last word.
  const other = inUse?.target
  if (other !== undefined && other !== target) throw explanations().inUseAlready(target, other)
}

function loadOverride() {
  const override = process.env.SEALDIFF_NATIVE_PATH
  if (!override) return undefined
  try {
    return { addon: requireFile(path.resolve(override)) }
  } catch (error) {
    const attempt = {
      what: `SEALDIFF_NATIVE_PATH=${override}`,
      found: false,
      error: asError(error),
    }
    throw explanations().overrideFailed(attempt)
  }
}

/** @param {string[]} targets @param {Load} load */
function loadFirst(targets, load) {
  /** @type {Attempt[]} */
  const attempts = []
  for (const target of targets) {
    const addon = loadBuilt(target, attempts) ?? loadInstalled(target, load, attempts)
    if (addon) return { target, addon }
  }
  throw explanations().notLoaded(targets, attempts)
}

/** What was built in this checkout; there is no such file in the published package. */
/** @param {string} target @param {Attempt[]} attempts */
function loadBuilt(target, attempts) {
  const name = `sealdiff.${target}.node`
  try {
    const file = path.join(__dirname, '..', name)
    return fs.existsSync(file) ? requireFile(file) : undefined
  } catch (error) {
    attempts.push({ target, what: `./${name}`, found: true, error: asError(error) })
    return undefined
  }
}

/** @param {string} target @param {Load} load @param {Attempt[]} attempts */
function loadInstalled(target, load, attempts) {
  const what = `sealdiff-${target}@${version}`
  let found = false
  try {
    return load(target, (manifest) => {
      found = true
      if (manifest.version === version) return
      throw explanations().otherVersion(target, manifest.version)
    })
  } catch (error) {
    attempts.push({ target, what, found, error: asError(error) })
    return undefined
  }
}

/** Not a plain `require`: bundlers would complain of a name that they can't know. @param {string} file */
function requireFile(file) {
  return createRequire(file)(file)
}

/** An error as it is, also one of another realm, as test runners have them. @param {any} error @returns {Attempt['error']} */
function asError(error) {
  return typeof error?.message === 'string' ? error : new Error(String(error))
}

/** Read when there is something to explain. */
function explanations() {
  return require('./explain.js')
}

module.exports = { addonInUse, useExactly, useFirst }
