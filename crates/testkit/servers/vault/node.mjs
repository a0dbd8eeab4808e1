// One node of the server: reads requests strictly, answers them, remembers what was asked.
// Behaviour: "HTTP API" (developer.hashicorp.com/vault/api-docs, openbao.org/api-docs): headers, namespaces, status
// codes; "High availability" (…/docs/concepts/ha): a standby that does not forward answers 307.

import { allows, DEFAULT_POLICY, parsePolicy } from './policies.mjs'
import { envelope, permissionDenied, Refusal, sendJson, unsupportedPath } from './replies.mjs'
import { Tokens } from './tokens.mjs'

/** Members of each request's body, all of them required; what else is sent is a violation. */
const BODIES = {
  encrypt: ['plaintext'],
  decrypt: ['ciphertext'],
  approle: ['role_id', 'secret_id'],
  kubernetes: ['role', 'jwt'],
  renewSelf: [],
}

export class VaultNode {
  /** @type {Map<string, { mounts: Map<string, any>, policies: Map<string, ReturnType<typeof parsePolicy>> }>} */
  #namespaces = new Map()
  /** Seconds by which this server's time runs ahead. */
  ahead = 0
  isSealed = false
  /** @type {{ times: number, path?: string, status?: number, body?: string, delayMs?: number, drop?: boolean } | undefined} */
  fault
  /** @type {{ method: string, path: string, namespace: string, status: number }[]} */ log = []
  /** What no client may do, in words. @type {string[]} */ violations = []
  /** @type {(() => void)[]} */ #watchers = []

  constructor() {
    this.tokens = new Tokens(() => this.now())
    this.addNamespace('')
  }

  now() {
    return performance.now() / 1000 + this.ahead
  }

  /** @param {string} name '' for the root, else `team/` */
  addNamespace(name) {
    const policies = new Map([['default', parsePolicy(DEFAULT_POLICY)]])
    this.#namespaces.set(name, { mounts: new Map(), policies })
  }

  /** @param {string} namespace */
  namespace(namespace) {
    const found = this.#namespaces.get(namespace)
    if (found === undefined) throw new Error(`no namespace ${namespace}`)
    return found
  }

  /** @param {number} count @param {string} path until so many requests of that path were answered */
  async answered(count, path) {
    while (this.log.filter((entry) => entry.path.endsWith(path)).length < count) {
      await new Promise((resolve) => this.#watchers.push(() => resolve(undefined)))
    }
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async answer(request, response) {
    const path = (request.url ?? '').replace(/^\/v1\//, '')
    const namespace = String(request.headers['x-vault-namespace'] ?? '')
    const entry = { method: request.method ?? '', path, namespace, status: 0 }
    const body = await readBody(request)
    if (await this.#fail(entry, request, response)) return this.#note(entry)
    try {
      if (this.isSealed) throw new Refusal(503, 'Vault is sealed')
      const reply = this.#dispatch(request, path, body)
      entry.status = 200
      sendJson(response, 200, envelope(reply))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      entry.status = error.status
      sendJson(response, error.status, { errors: error.errors })
    }
    this.#note(entry)
  }

  /** @param {{ method: string, path: string, namespace: string, status: number }} entry */
  #note(entry) {
    this.log.push(entry)
    for (const watcher of this.#watchers.splice(0)) watcher()
  }

  /** @param {{ path: string, status: number }} entry @param {any} request @param {any} response */
  async #fail(entry, request, response) {
    const fault = this.fault
    if (fault === undefined || fault.times === 0 || !entry.path.includes(fault.path ?? ''))
      return false
    fault.times -= 1
    if (fault.delayMs !== undefined) await new Promise((end) => setTimeout(end, fault.delayMs))
    if (fault.drop) request.socket.destroy()
    if (fault.status === undefined) return fault.drop ?? false
    entry.status = fault.status
    if (fault.body === undefined) sendJson(response, fault.status, { errors: ['a fault'] })
    else response.writeHead(fault.status, { 'content-type': 'text/html' }).end(fault.body)
    return true
  }

  /** @param {string} violation @returns {never} */
  #violated(violation) {
    this.violations.push(violation)
    throw new Refusal(400, violation)
  }

  /** @param {import('node:http').IncomingMessage} request @param {string} path @param {string} text */
  #dispatch(request, path, text) {
    const { headers, method, url = '' } = request
    if (!url.startsWith('/v1/') || url.includes('?')) this.#violated(`path ${url}`)
    if (headers['x-vault-request'] !== 'true') this.#violated('no X-Vault-Request header')
    if (method !== 'GET' && method !== 'POST') this.#violated(`method ${method}`)
    if (method === 'GET' && text !== '') this.#violated('a body with GET')
    const place = this.#locate(String(headers['x-vault-namespace'] ?? ''), path)
    const token = /** @type {string | undefined} */ (headers['x-vault-token'])
    const read = (/** @type {string[]} */ members) => this.#body(headers, text, members)
    const isLogin = place.route.startsWith('auth/') && place.route.endsWith('/login')
    return isLogin
      ? this.#login(place, token, read)
      : this.#asToken({ ...place, method }, token, read)
  }

  /** "The final path of the API request is relative to the X-Vault-Namespace header." @param {string} header @param {string} path */
  #locate(header, path) {
    const prefix = header === '' || header.endsWith('/') ? header : `${header}/`
    const full = prefix + path
    const namespace = [...this.#namespaces.keys()]
      .filter((name) => full.startsWith(name))
      .reduce((longest, name) => (name.length > longest.length ? name : longest), '')
    return { namespace, route: full.slice(namespace.length) }
  }

  /** @param {import('node:http').IncomingHttpHeaders} headers @param {string} text @param {string[]} members */
  #body(headers, text, members) {
    if (headers['content-type'] !== 'application/json') this.#violated('content type is not JSON')
    /** @type {Record<string, unknown>} */ let body = {}
    try {
      body = JSON.parse(text)
    } catch {
      this.#violated('failed to parse JSON input')
    }
    const unknown = Object.keys(body).filter((name) => !members.includes(name))
    if (unknown.length > 0) this.#violated(`unknown members ${unknown}`)
    return body
  }

  /** @param {{ namespace: string, route: string }} place @param {string | undefined} token @param {(members: string[]) => any} read */
  #login({ namespace, route }, token, read) {
    if (token !== undefined) this.#violated('a token where none is needed')
    const mount = route.slice('auth/'.length, -'/login'.length)
    const method = this.namespace(namespace).mounts.get(`auth/${mount}`)
    if (method === undefined) throw permissionDenied()
    const kind = /** @type {'approle' | 'kubernetes'} */ (method.kind)
    const options = method.roles.login(read(BODIES[kind]))
    return { auth: this.tokens.auth(this.tokens.create({ ...options, namespace })) }
  }

  /** @param {{ namespace: string, route: string, method: string }} call @param {string | undefined} id @param {(members: string[]) => any} read */
  #asToken({ namespace, route, method }, id, read) {
    const token = this.tokens.use(id)
    if (!namespace.startsWith(token.namespace)) throw permissionDenied()
    const [, mount, action, key] = /^(.+)\/(encrypt|decrypt)\/([^/]+)$/.exec(route) ?? []
    const transit = mount === undefined ? undefined : this.namespace(namespace).mounts.get(mount)
    const creates = action === 'encrypt' && transit !== undefined && !transit.has(key)
    const capability = method === 'GET' ? 'read' : creates ? 'create' : 'update'
    this.#authorize(token, namespace.slice(token.namespace.length) + route, capability)
    if (route === 'auth/token/lookup-self' && method === 'GET') {
      return { data: this.tokens.describe(token) }
    }
    if (route === 'auth/token/renew-self' && method === 'POST') {
      read(BODIES.renewSelf)
      return { auth: this.tokens.renew(token) }
    }
    if (transit === undefined) throw unsupportedPath(route)
    if (method !== 'POST') throw new Refusal(405, 'unsupported operation')
    if (action === 'decrypt') return { data: transit.decrypt(key, read(BODIES.decrypt).ciphertext) }
    // "If the user has the create capability and the key does not exist, it will be upserted."
    if (creates) transit.create(key)
    return { data: transit.encrypt(key, read(BODIES.encrypt).plaintext) }
  }

  /** @param {import('./tokens.mjs').Token} token @param {string} path @param {string} capability */
  #authorize(token, path, capability) {
    if (token.policies.includes('root')) return
    const { policies } = this.namespace(token.namespace)
    const rules = token.policies.flatMap((name) => policies.get(name) ?? [])
    if (!allows(rules, path, capability)) {
      throw new Refusal(403, '1 error occurred:\n\t* permission denied\n\n')
    }
  }
}

/** @param {import('node:http').IncomingMessage} request */
async function readBody(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
