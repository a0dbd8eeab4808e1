// Tokens: leases, renewal, uses, policies.
// Behaviour: "Tokens" (developer.hashicorp.com/vault/docs/concepts/tokens, openbao.org/docs/concepts/tokens) and
// "Token auth method (API)" (…/api-docs/auth/token).

import { randomBytes, randomUUID } from 'node:crypto'
import { invalidToken, Refusal } from './replies.mjs'

/** The system's maximum, 32 days, in seconds. */
const SYSTEM_MAX_TTL = 2_764_800

/**
 * @typedef {{ id: string, accessor: string, namespace: string, policies: string[], ttl: number, maxTtl: number,
 *   period: number, renewable: boolean, usesLeft: number, numUses: number, issued: number, expires: number,
 *   path: string }} Token
 */

export class Tokens {
  /** @type {Map<string, Token>} */ #byId = new Map()
  /** @type {() => number} seconds */ #now

  /** @param {() => number} now */
  constructor(now) {
    this.#now = now
  }

  /**
   * @param {{ policies?: string[], ttl?: number, maxTtl?: number, period?: number, renewable?: boolean,
   *   numUses?: number, namespace?: string, noDefaultPolicy?: boolean, path?: string }} options
   */
  create({ policies = [], ttl = 3600, maxTtl = SYSTEM_MAX_TTL, period = 0, ...more }) {
    const now = this.#now()
    const isRoot = policies.includes('root')
    const granted = isRoot ? 0 : Math.min(period || ttl, maxTtl)
    /** @type {Token} */
    const token = {
      id: `hvs.${randomBytes(24).toString('base64url')}`,
      accessor: randomBytes(18).toString('base64url'),
      namespace: more.namespace ?? '',
      policies: isRoot || more.noDefaultPolicy ? policies : ['default', ...policies],
      ttl: granted,
      maxTtl,
      period,
      renewable: !isRoot && (more.renewable ?? true),
      usesLeft: more.numUses ?? 0,
      numUses: more.numUses ?? 0,
      issued: now,
      expires: granted === 0 ? Number.POSITIVE_INFINITY : now + granted,
      path: more.path ?? 'auth/token/create',
    }
    this.#byId.set(token.id, token)
    return token
  }

  /** The token of a request, one use of it spent. @param {string | undefined} id */
  use(id) {
    const token = id === undefined ? undefined : this.#byId.get(id)
    if (token === undefined || token.expires <= this.#now()) throw invalidToken()
    if (token.numUses > 0) {
      token.usesLeft -= 1
      if (token.usesLeft === 0) this.#byId.delete(token.id)
    }
    return token
  }

  /** @param {string} id */
  revoke(id) {
    return this.#byId.delete(id)
  }

  revokeAll() {
    this.#byId.clear()
  }

  /** How many are alive. */
  count() {
    return [...this.#byId.values()].filter((token) => token.expires > this.#now()).length
  }

  /** A periodic token lives on for its period; any other for its TTL, never past its maximum. @param {Token} token */
  renew(token) {
    if (!token.renewable) throw new Refusal(400, 'lease is not renewable')
    const now = this.#now()
    const limit = token.period > 0 ? Number.POSITIVE_INFINITY : token.issued + token.maxTtl
    token.expires = Math.min(now + (token.period || token.ttl), limit)
    return this.auth(token)
  }

  /** @param {Token} token the `auth` of a login's or renewal's answer */
  auth(token) {
    return {
      client_token: token.id,
      accessor: token.accessor,
      policies: token.policies,
      token_policies: token.policies,
      metadata: null,
      lease_duration: this.#ttl(token),
      renewable: token.renewable,
      entity_id: randomUUID(),
      token_type: 'service',
      orphan: true,
      num_uses: token.numUses,
    }
  }

  /** @param {Token} token the `data` of lookup-self */
  describe(token) {
    return {
      accessor: token.accessor,
      creation_time: Math.floor(token.issued),
      creation_ttl: token.ttl,
      display_name: 'test',
      entity_id: '',
      expire_time: null,
      explicit_max_ttl: 0,
      id: token.id,
      meta: null,
      num_uses: token.usesLeft,
      orphan: true,
      path: token.path,
      ...(token.period > 0 && { period: token.period }),
      policies: token.policies,
      renewable: token.renewable,
      ttl: this.#ttl(token),
      type: 'service',
    }
  }

  /** @param {Token} token */
  #ttl({ expires }) {
    return Number.isFinite(expires) ? Math.max(0, Math.floor(expires - this.#now())) : 0
  }
}
