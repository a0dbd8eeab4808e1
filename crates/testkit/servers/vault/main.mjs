// A stand-in for HashiCorp Vault and OpenBao, faithful in what a client of the transit engine meets.
//
// Usage: node main.mjs [TLS]   TLS: JSON `{"cert","key","ca"?}`, paths of PEM files; `ca` asks for client certificates.
// Speaks JSON lines: the first on stdout is `{"url"}`; each command on stdin, `{"do":NAME,…}`, is answered by one line.
// Ends with its standard input, so that no test leaves it behind.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createInterface } from 'node:readline'
import { AppRoles, KubernetesRoles } from './logins.mjs'
import { VaultNode } from './node.mjs'
import { parsePolicy } from './policies.mjs'
import { Transit } from './transit.mjs'

const node = new VaultNode()
const tls = process.argv[2] === undefined ? undefined : JSON.parse(process.argv[2])
const scheme = tls === undefined ? 'http' : 'https'
/** @type {import('node:http').Server | undefined} */ let listener
/** Where it listens, and after `down` will again. */
let port = 0

/** @param {import('node:http').RequestListener} handler */
function serverOf(handler) {
  if (tls === undefined) return createServer(handler)
  const read = (/** @type {string | undefined} */ path) => (path ? readFileSync(path) : undefined)
  const mutual = tls.ca && { requestCert: true, rejectUnauthorized: true }
  return createTlsServer(
    { cert: read(tls.cert), key: read(tls.key), ca: read(tls.ca), ...mutual },
    handler,
  )
}

/** @param {import('node:http').RequestListener} handler @param {number} at a port, 0 for any */
async function listen(handler, at) {
  const server = serverOf(handler)
  await new Promise((resolve) => server.listen(at, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return { server, port, url: `${scheme}://127.0.0.1:${port}` }
}

async function up() {
  const opened = await listen((request, response) => {
    node.answer(request, response).catch((error) => {
      node.violations.push(`the server failed: ${error.stack}`)
      response.destroy()
    })
  }, port)
  listener = opened.server
  port = opened.port
  return { url: opened.url }
}

/** As when the process is killed: connections end, the port refuses. */
async function down() {
  const closing = new Promise((resolve) => listener?.close(() => resolve(undefined)))
  listener?.closeAllConnections()
  await closing
}

/** @type {Record<string, (command: any) => unknown>} */
const COMMANDS = {
  up,
  down,
  /** A node that sends clients to `location` + path: by default to the active node. */
  standby: async ({ location, path, status = 307 }) => {
    const active = location ?? `${scheme}://127.0.0.1:${port}`
    const redirect = (/** @type {any} */ request, /** @type {any} */ response) => {
      request.resume()
      response.writeHead(status, { location: active + (path ?? request.url) }).end()
    }
    const { url } = await listen(redirect, 0)
    return { url }
  },
  seal: ({ sealed }) => {
    node.isSealed = sealed
  },
  advance: ({ seconds }) => {
    node.ahead += seconds
  },
  fail: (fault) => {
    node.fault = fault
  },
  addNamespace: ({ name }) => node.addNamespace(name),
  transit: ({ namespace = '', mount = 'transit', key }) => {
    const { mounts } = node.namespace(namespace)
    if (!mounts.has(mount)) mounts.set(mount, new Transit())
    if (key !== undefined) mounts.get(mount).create(key)
  },
  policy: ({ namespace = '', name, hcl }) => {
    node.namespace(namespace).policies.set(name, parsePolicy(hcl))
  },
  token: (options) => ({ token: node.tokens.create(options).id }),
  revoke: ({ token }) => ({ revoked: node.tokens.revoke(token) }),
  revokeAll: () => node.tokens.revokeAll(),
  approle: ({ namespace = '', mount = 'approle', secretIdNumUses = 0, token }) => {
    const { mounts } = node.namespace(namespace)
    const path = `auth/${mount}`
    if (!mounts.has(path)) mounts.set(path, { kind: 'approle', roles: new AppRoles() })
    return mounts.get(path).roles.create(token, secretIdNumUses)
  },
  kubernetes: ({ namespace = '', mount = 'kubernetes', role, serviceAccount, pods, token }) => {
    const { mounts } = node.namespace(namespace)
    const path = `auth/${mount}`
    if (!mounts.has(path)) {
      mounts.set(path, { kind: 'kubernetes', roles: new KubernetesRoles(() => node.now()) })
    }
    mounts.get(path).roles.create(role, serviceAccount, pods, token)
  },
  jwt: ({ namespace = '', mount = 'kubernetes', serviceAccount, pods, seconds = 600 }) => {
    const { roles } = node.namespace(namespace).mounts.get(`auth/${mount}`)
    return { jwt: roles.jwt(serviceAccount, pods, seconds) }
  },
  rotate: ({ mount = 'transit', key }) => ({
    version: node.namespace('').mounts.get(mount).rotate(key),
  }),
  config: ({ mount = 'transit', key, minDecryptionVersion }) =>
    node.namespace('').mounts.get(mount).setMinDecryptionVersion(key, minDecryptionVersion),
  deleteKey: ({ mount = 'transit', key }) => node.namespace('').mounts.get(mount).delete(key),
  /** What was asked so far, without what it was asked with. */
  log: () => ({ requests: node.log, violations: node.violations, tokens: node.tokens.count() }),
  forget: () => {
    node.log = []
  },
  answered: ({ count, path }) => node.answered(count, path),
}

/** @param {unknown} value */
function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

print(await up())
for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...command } = JSON.parse(line)
  try {
    print((await COMMANDS[name](command)) ?? {})
  } catch (error) {
    print({ failed: String(error) })
  }
}
process.exit(0)
