'use strict'
// The option kms: read once, checked, and made what native code takes. One reader for each type.

const { readOptions, requireData } = require('./arguments.js')
const { kmsMethods } = require('./custom-backends.js')
const { invalidArgType, invalidArgValue } = require('./errors.js')

/** @import { KmsArguments } from '../native.js' */

/**
 * What each type takes besides `type`, and how it is read.
 *
 * @type {Record<string, { names: string[], read: (options: Record<string, any>) => KmsArguments }>}
 */
const TYPES = {
  static: { names: ['key'], read: readStatic },
}
const NAMES = [...new Set(Object.values(TYPES).flatMap(({ names }) => names))]

/**
 * @param {unknown} kms options with a `type`, or an object with methods
 * @returns {KmsArguments}
 */
function readKms(kms) {
  if (typeof kms !== 'object' || kms === null) throw invalidArgType('kms', 'must be an object')
  if ('encryptKey' in kms || 'decryptKey' in kms) return { own: kmsMethods(kms) }
  const { type, ...options } = readOptions(kms, 'kms', ['type', ...NAMES])
  if (typeof type !== 'string' || !Object.hasOwn(TYPES, type)) {
    const choices = Object.keys(TYPES).map((name) => `'${name}'`)
    throw invalidArgValue('kms.type', `must be ${choices.join(' or ')}`)
  }
  const { names, read } = TYPES[type]
  for (const name of Object.keys(options)) {
    if (options[name] !== undefined && !names.includes(name)) {
      throw invalidArgValue(`kms.${name}`, `is not an option of type '${type}'`)
    }
  }
  return read(options)
}

/** @param {Record<string, any>} options @returns {KmsArguments} */
function readStatic({ key }) {
  requireData('kms.key', key)
  return { staticKey: { key } }
}

module.exports = { readKms }
