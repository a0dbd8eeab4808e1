// Answers as the server shapes them.
// Behaviour: "HTTP API" (developer.hashicorp.com/vault/api-docs, openbao.org/api-docs): errors, status codes.

import { randomUUID } from 'node:crypto'

/** An answer that is an error: `{"errors":[…]}` with a status of 400 and above. */
export class Refusal extends Error {
  /** @param {number} status @param {...string} errors */
  constructor(status, ...errors) {
    super(errors.join('; '))
    this.status = status
    this.errors = errors
  }
}

export const permissionDenied = () => new Refusal(403, 'permission denied')

/** What newer versions answer to a token that they don't know. */
export const invalidToken = () =>
  new Refusal(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n')

export const unsupportedPath = (/** @type {string} */ path) =>
  new Refusal(404, `no handler for route "${path}". route entry not found.`)

/** The envelope of every answer that has data. @param {{ data?: object, auth?: object }} content */
export function envelope({ data, auth }) {
  return {
    request_id: randomUUID(),
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data: data ?? null,
    wrap_info: null,
    warnings: null,
    auth: auth ?? null,
  }
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} body */
export function sendJson(response, status, body) {
  // Go's encoder, which the real server uses, escapes these three.
  const text = JSON.stringify(body).replace(
    /[<>&]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  )
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text) + 1,
  })
  response.end(`${text}\n`)
}
