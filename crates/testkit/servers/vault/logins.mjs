// The auth methods AppRole and Kubernetes.
// Behaviour: "AppRole auth method (API)" and "Kubernetes auth method (API)" (developer.hashicorp.com/vault/api-docs/auth,
// openbao.org/api-docs/auth). A cluster's TokenReview is played by a signature of this process's own.

import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { permissionDenied, Refusal } from './replies.mjs'

/** @typedef {Parameters<import('./tokens.mjs').Tokens['create']>[0]} TokenOptions */

export class AppRoles {
  /** @type {Map<string, { token: TokenOptions, secretIds: Map<string, number> }>} */ #byRoleId =
    new Map()

  /**
   * @param {TokenOptions} token
   * @param {number} secretIdNumUses 0 for any number
   */
  create(token, secretIdNumUses) {
    const roleId = randomUUID()
    const secretId = randomUUID()
    this.#byRoleId.set(roleId, { token, secretIds: new Map([[secretId, secretIdNumUses]]) })
    return { roleId, secretId }
  }

  /** @param {{ role_id?: unknown, secret_id?: unknown }} body @returns {TokenOptions} */
  login({ role_id, secret_id }) {
    if (typeof role_id !== 'string' || role_id === '') throw new Refusal(400, 'missing role_id')
    if (typeof secret_id !== 'string' || secret_id === '') {
      throw new Refusal(400, 'missing secret_id')
    }
    const role = this.#byRoleId.get(role_id)
    const uses = role?.secretIds.get(secret_id)
    if (role === undefined || uses === undefined) {
      throw new Refusal(400, 'invalid role or secret ID')
    }
    // "The number of times any particular SecretID can be used": the last use deletes it.
    if (uses === 1) role.secretIds.delete(secret_id)
    if (uses > 1) role.secretIds.set(secret_id, uses - 1)
    return { ...role.token, path: 'auth/approle/login' }
  }
}

export class KubernetesRoles {
  /** @type {Map<string, { token: TokenOptions, serviceAccount: string, namespace: string }>} */
  #byName = new Map()
  #clusterKey = randomBytes(32)
  /** @type {() => number} */ #now

  /** @param {() => number} now */
  constructor(now) {
    this.#now = now
  }

  /** @param {string} name @param {string} serviceAccount @param {string} namespace @param {TokenOptions} token */
  create(name, serviceAccount, namespace, token) {
    this.#byName.set(name, { serviceAccount, namespace, token })
  }

  /** A service account's token, as the kubelet projects it. @param {string} serviceAccount @param {string} namespace @param {number} seconds */
  jwt(serviceAccount, namespace, seconds) {
    const claims = {
      exp: Math.floor(this.#now() + seconds),
      iss: 'https://kubernetes.default.svc.cluster.local',
      sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
    }
    const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${signed}.${this.#sign(signed)}`
  }

  /** @param {{ role?: unknown, jwt?: unknown }} body @returns {TokenOptions} */
  login({ role: name, jwt }) {
    if (typeof name !== 'string' || name === '') throw new Refusal(400, 'missing role')
    if (typeof jwt !== 'string' || jwt === '') throw new Refusal(400, 'missing jwt')
    const role = this.#byName.get(name)
    if (role === undefined) throw new Refusal(400, `invalid role name "${name}"`)
    const [header, claims, signature, ...rest] = jwt.split('.')
    const expected = Buffer.from(this.#sign(`${header}.${claims}`))
    const given = Buffer.from(signature ?? '')
    if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw permissionDenied()
    }
    const { exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    if (exp <= this.#now()) throw permissionDenied()
    if (sub !== `system:serviceaccount:${role.namespace}:${role.serviceAccount}`) {
      throw new Refusal(403, 'service account name not authorized')
    }
    return { ...role.token, path: 'auth/kubernetes/login' }
  }

  /** @param {string} text */
  #sign(text) {
    return createHmac('sha256', this.#clusterKey).update(text).digest('base64url')
  }
}
