'use strict'
// The options tls of a metastore and of a key management service: certificates, as PEM.

const { readOptions, requireData } = require('./arguments.js')
const { invalidArgValue } = require('./errors.js')

const TLS = ['ca', 'cert', 'key']

/** @param {unknown} tls @param {string} path name of the options object */
function optionalTls(tls, path) {
  if (tls === undefined) return undefined
  const { ca, cert, key } = readOptions(tls, path, TLS)
  if ((cert === undefined) !== (key === undefined)) {
    throw invalidArgValue(path, 'must have both cert and key, or neither')
  }
  return {
    ca: optionalPem(ca, `${path}.ca`),
    cert: optionalPem(cert, `${path}.cert`),
    key: optionalPem(key, `${path}.key`),
  }
}

/** @param {unknown} value PEM text, or its bytes @param {string} path */
function optionalPem(value, path) {
  if (value === undefined) return undefined
  const text = requireData(path, value)
  return typeof text === 'string' ? text : Buffer.from(text).toString('latin1')
}

module.exports = { optionalTls }
