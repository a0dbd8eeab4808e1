'use strict'
// The options of { type: 'vault' }: what they leave out comes from where Vault's own tools look.

const { existsSync } = require('node:fs')
const { homedir } = require('node:os')
const path = require('node:path')
const {
  optionalBoolean,
  optionalString,
  readByType,
  requireNonEmptyString,
  requireString,
} = require('./arguments.js')
const { invalidArgType, invalidArgValue } = require('./errors.js')
const { optionalTls } = require('./tls-options.js')

/** @import { KmsArguments } from '../native.js' */

const VAULT_OPTIONS = ['address', 'key', 'mount', 'namespace', 'auth', 'tls', 'allowPlainHttp']

/**
 * What each way of logging in takes besides `type`, and how it is read.
 *
 * @type {Record<string, { names: string[], read: (auth: Record<string, any>) => object }>}
 */
const AUTH = {
  token: { names: ['token', 'path'], read: readToken },
  approle: { names: ['roleId', 'secretId', 'mount'], read: readAppRole },
  kubernetes: { names: ['role', 'jwtPath', 'mount'], read: readKubernetes },
}

/** @param {Record<string, any>} options @returns {KmsArguments} */
function readVault({ address, key, mount, namespace, auth, tls, allowPlainHttp }) {
  return {
    vault: {
      address: readAddress(address),
      key: requireNonEmptyString('kms.key', key),
      mount: optionalString('kms.mount', mount),
      namespace:
        namespace === undefined ? environment('VAULT_NAMESPACE') : readNamespace(namespace),
      auth: readByType(auth, 'kms.auth', AUTH, 'token'),
      tls: optionalTls(tls, 'kms.tls'),
      allowPlainHttp: optionalBoolean('kms.allowPlainHttp', allowPlainHttp),
    },
  }
}

/** @param {unknown} address */
function readAddress(address) {
  const given = address === undefined ? environment('VAULT_ADDR') : address
  if (given === undefined) {
    throw invalidArgType('kms.address', 'must be a string, where VAULT_ADDR is not set')
  }
  return requireNonEmptyString('kms.address', given)
}

/** An empty one is the root, whatever the environment says. @param {unknown} namespace */
function readNamespace(namespace) {
  return requireString('kms.namespace', namespace)
}

/** As given; else VAULT_TOKEN; else the file where `vault login` leaves it. @param {Record<string, any>} auth */
function readToken({ token, path: file }) {
  if (token !== undefined && file !== undefined) {
    throw invalidArgValue('kms.auth', 'must have token or path, not both')
  }
  if (file !== undefined) return { tokenPath: requireNonEmptyString('kms.auth.path', file) }
  const text = token === undefined ? environment('VAULT_TOKEN') : token
  if (text !== undefined) return { token: requireNonEmptyString('kms.auth.token', text) }
  const tokenPath = path.join(homedir(), '.vault-token')
  if (!existsSync(tokenPath)) {
    const where = 'where there is neither VAULT_TOKEN nor ~/.vault-token'
    throw invalidArgValue('kms.auth', `must be given ${where}`)
  }
  return { tokenPath }
}

/** @param {Record<string, any>} auth */
function readAppRole({ roleId, secretId, mount }) {
  return {
    roleId: requireNonEmptyString('kms.auth.roleId', roleId),
    secretId: requireNonEmptyString('kms.auth.secretId', secretId),
    mount: optionalString('kms.auth.mount', mount),
  }
}

/** @param {Record<string, any>} auth */
function readKubernetes({ role, jwtPath, mount }) {
  return {
    role: requireNonEmptyString('kms.auth.role', role),
    jwtPath: optionalString('kms.auth.jwtPath', jwtPath),
    mount: optionalString('kms.auth.mount', mount),
  }
}

/** An empty variable is an unset one. @param {string} name */
function environment(name) {
  return process.env[name] || undefined
}

module.exports = { readVault, VAULT_OPTIONS }
