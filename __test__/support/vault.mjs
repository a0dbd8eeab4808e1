// A stand-in for Vault and OpenBao, in a process of its own; ended with the test, which then fails if a client broke
// the protocol. What it can be told is in crates/testkit/servers/vault/main.mjs.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = path.join(import.meta.dirname, '../../crates/testkit/servers/vault/main.mjs')

/** What a service that encrypts needs, and no more. */
export const WRITER = `
  path "transit/encrypt/system-keys" { capabilities = ["update"] }
  path "transit/decrypt/system-keys" { capabilities = ["update"] }
`

export async function startVault(t) {
  const server = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  const answer = async () => JSON.parse((await lines.next()).value)
  const { url } = await answer()
  /** One command at a time. */
  let last = Promise.resolve()
  const tell = (name, command = {}) => {
    server.stdin.write(`${JSON.stringify({ do: name, ...command })}\n`)
    const answered = last.then(answer)
    last = answered.catch(() => {})
    return answered.then((value) => {
      assert.equal(value.failed, undefined)
      return value
    })
  }
  t.after(async () => {
    const { violations } = await tell('log')
    server.kill()
    assert.deepEqual(violations, [])
  })
  await tell('transit', { key: 'system-keys' })
  await tell('policy', { name: 'writer', hcl: WRITER })
  return { url, tell }
}

/** The option `kms` for it, by a token of the policy `writer`. */
export async function kmsByToken({ url, tell }, properties = {}) {
  const { token } = await tell('token', { policies: ['writer'], ...properties })
  return { type: 'vault', address: url, key: 'system-keys', auth: { type: 'token', token } }
}

/** The option `kms` for it, by an AppRole whose tokens have the policy `writer`. */
export async function kmsByAppRole({ url, tell }, properties = {}) {
  const token = { policies: ['writer'], ...properties }
  const { roleId, secretId } = await tell('approle', { token })
  const auth = { type: 'approle', roleId, secretId }
  return { type: 'vault', address: url, key: 'system-keys', auth }
}
