// Vault Transit as KMS, through the public API, against a server that checks the protocol.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SessionFactory } from 'sealdiff'
import { coded, openFactory, options, temporaryFolder } from './support/factory.mjs'
import { SECRET, shown } from './support/hostile.mjs'
import { until } from './support/until.mjs'
import { kmsByAppRole, kmsByToken, startVault } from './support/vault.mjs'

const DOCS = fileURLToPath(new URL('../docs/kms.md', import.meta.url))

/** A metastore that outlives a factory, and what is in it. */
function sqlite(t) {
  return `sqlite:${path.join(temporaryFolder(t), 'keys.db')}`
}

test('records outlive a factory, a restart of Vault and a rotation of the transit key', async (t) => {
  const vault = await startVault(t)
  const metastore = sqlite(t)
  const kms = await kmsByToken(vault)
  const first = await openFactory(t, { metastore, kms })
  const record = await first.session('a').seal('of a')
  const row = await first.session('a').encrypt('also of a')
  await first.close()
  await vault.tell('down')
  await vault.tell('up')
  await vault.tell('rotate', { key: 'system-keys' })
  const second = await openFactory(t, { metastore, kms })
  assert.equal(await second.session('a').unsealString(record), 'of a')
  assert.equal(await second.session('a').decryptString(row), 'also of a')
  const { kmsEncrypts, kmsDecrypts } = second.stats()
  assert.deepEqual([kmsEncrypts, kmsDecrypts], [0, 1])
})

test('the key row holds what Vault wrote, verbatim', async (t) => {
  const vault = await startVault(t)
  const rows = new Map()
  const metastore = {
    load: async (id, created) => rows.get(`${id} ${created}`) ?? null,
    loadLatest: async () => null,
    store: async (id, created, record) => !!rows.set(`${id} ${created}`, record),
  }
  const factory = await openFactory(t, { metastore, kms: await kmsByToken(vault) })
  await factory.session('a').seal('x')
  const systemKey = [...rows].find(([id]) => id.startsWith('_SK_'))[1]
  const blob = Buffer.from(JSON.parse(systemKey).Key, 'base64').toString('ascii')
  assert.match(blob, /^vault:v1:[A-Za-z0-9+/]{80}$/)
})

test('a wrong token fails the opening, and is not shown', async (t) => {
  const { url } = await startVault(t)
  const auth = { type: 'token', token: SECRET }
  const kms = { type: 'vault', address: url, key: 'system-keys', auth }
  await assert.rejects(SessionFactory.open(options({ kms })), (error) => {
    assert.deepEqual([error.code, error.retryable], ['ERR_KMS_REFUSED', false])
    assert.match(error.cause.message, /Vault answered 403 to the request to look up the token/)
    assert.ok(!shown(error).includes(SECRET), shown(error))
    return true
  })
})

test('a token that is revoked ends the service; with a way to log in it is replaced', async (t) => {
  const vault = await startVault(t)
  const metastore = sqlite(t)
  const byToken = await openFactory(t, { metastore, kms: await kmsByToken(vault) })
  const byRole = await openFactory(t, { metastore, kms: await kmsByAppRole(vault) })
  const record = await byToken.session('a').seal('of a')
  await vault.tell('revokeAll')
  await assert.rejects(byToken.ping(), coded('ERR_KMS_REFUSED'))
  assert.equal(await byRole.session('a').unsealString(record), 'of a')
  await byRole.ping()
})

test('while Vault is down cached keys serve, others and new factories do not', async (t) => {
  const vault = await startVault(t)
  const metastore = sqlite(t)
  const kms = await kmsByToken(vault)
  const [warm, cold] = [
    await openFactory(t, { metastore, kms }),
    await openFactory(t, { metastore, kms }),
  ]
  const record = await warm.session('a').seal('of a')
  await vault.tell('down')
  assert.equal(await warm.session('a').unsealString(record), 'of a')
  const unavailable = coded('ERR_KMS_UNAVAILABLE', { retryable: true })
  await assert.rejects(cold.session('a').unseal(record), unavailable)
  await assert.rejects(warm.ping(), unavailable)
  await assert.rejects(SessionFactory.open(options({ metastore, kms })), unavailable)
  await vault.tell('up')
  assert.equal(await cold.session('a').unsealString(record), 'of a')
})

test('a cached key outlives an outage of Vault for the grace, and a refusal not at all', async (t) => {
  const vault = await startVault(t)
  const policy = { revokeCheckInterval: 0.2, refreshGrace: '10m' }
  const factory = await openFactory(t, { kms: await kmsByToken(vault), policy })
  const session = factory.session('a')
  const record = await session.seal('of a')
  await vault.tell('seal', { sealed: true })
  const outage = async () => {
    assert.equal(await session.unsealString(record), 'of a')
    await session.seal('x')
    return factory.stats().kmsFailures > 0
  }
  await until('the outage shows', outage, 90)
  await outage()
  await vault.tell('seal', { sealed: false })
  await vault.tell('revokeAll')
  const isRefused = async (call) => {
    const error = await call().catch((error) => error)
    return error.code === 'ERR_KMS_REFUSED' && error.retryable === false
  }
  await until('no more is sealed', () => isRefused(() => session.seal('x')), 90)
  await until('no more is unsealed', () => isRefused(() => session.unseal(record)), 90)
})

test('a Vault that never answers meets the timeout', async (t) => {
  const vault = await startVault(t)
  const kms = await kmsByToken(vault)
  await vault.tell('fail', { times: 1, delayMs: 5000 })
  const opening = SessionFactory.open(options({ kms, timeout: 0.2 }))
  await assert.rejects(opening, coded('ERR_KMS_UNAVAILABLE', { retryable: true }))
})

test('address, namespace and token come from the environment where they are not given', async (t) => {
  const vault = await startVault(t)
  await vault.tell('addNamespace', { name: 'team/' })
  const { token } = await vault.tell('token', { policies: ['root'] })
  const home = temporaryFolder(t)
  const set = (variables) => Object.assign(process.env, variables)
  const before = { ...process.env }
  t.after(() => {
    for (const name of ['VAULT_ADDR', 'VAULT_TOKEN', 'VAULT_NAMESPACE']) delete process.env[name]
    set(before)
  })
  set({ HOME: home, VAULT_ADDR: vault.url, VAULT_TOKEN: '', VAULT_NAMESPACE: 'team' })
  const open = (more) => SessionFactory.open(options({ kms: { type: 'vault', key: 'k', ...more } }))
  const expected = { message: /^kms\.auth must be given/ }
  await assert.rejects(open(), coded('ERR_INVALID_ARG_VALUE', expected))
  writeFileSync(path.join(home, '.vault-token'), `${token}\n`)
  await (await open()).close()
  set({ VAULT_TOKEN: 'hvs.other' })
  await assert.rejects(open(), coded('ERR_KMS_REFUSED'))
  set({ VAULT_TOKEN: token })
  await (await open({ namespace: '' })).close()
  const { requests } = await vault.tell('log')
  const namespaces = requests.map(({ namespace }) => namespace)
  assert.ok(namespaces.includes('team') && namespaces.at(-1) === '', namespaces.join())
  delete process.env.VAULT_ADDR
  await assert.rejects(open(), coded('ERR_INVALID_ARG_TYPE', { message: /^kms\.address must/ }))
})

test('options are refused by name', async () => {
  const good = {
    type: 'vault',
    address: 'https://a',
    key: 'k',
    auth: { type: 'token', token: 't' },
  }
  const role = { type: 'approle', roleId: 'r', secretId: SECRET }
  for (const [change, message] of [
    [{ address: 1 }, /^kms\.address must be a string/],
    [{ address: 'vault:8200' }, /^kms\.address must be an https: or http: URL/],
    [{ address: `https://u:${SECRET}@a` }, /^kms\.address must be an https: or http: URL/],
    [{ address: 'http://vault.example' }, /^kms\.address must be an https: URL unless/],
    [{ key: undefined }, /^kms\.key must be a string/],
    [{ key: 'a/b' }, /^kms\.key must be the name/],
    [{ mount: '' }, /^kms\.mount must not be empty/],
    [{ mount: '../sys' }, /^kms\.mount must be the path/],
    [{ namespace: 1 }, /^kms\.namespace must/],
    [{ allowPlainHttp: 'yes' }, /^kms\.allowPlainHttp must/],
    [{ regions: {} }, /^kms\.regions is not an option/],
    [{ auth: 'token' }, /^kms\.auth must be an object/],
    [{ auth: { type: 'userpass' } }, /^kms\.auth\.type must be 'token', 'approle' or/],
    [{ auth: { type: 'token', token: '' } }, /^kms\.auth\.token must not be empty/],
    [{ auth: { type: 'token', token: `${SECRET}\n` } }, /^kms\.auth\.token must be visible/],
    [{ auth: { type: 'token', token: SECRET, path: 'x' } }, /^kms\.auth must have token or path/],
    [{ auth: { type: 'token', roleId: 'r' } }, /^kms\.auth\.roleId is not an option of type/],
    [{ auth: { type: 'approle', roleId: 'r' } }, /^kms\.auth\.secretId must be a string/],
    [{ auth: { ...role, role: 'r' } }, /^kms\.auth\.role is not an option of type/],
    [{ auth: { ...role, mount: 'a//b' } }, /^kms\.auth\.mount must be the path/],
    [{ auth: { type: 'kubernetes' } }, /^kms\.auth\.role must be a string/],
    [{ auth: { type: 'kubernetes', role: 'r', jwtPath: 1 } }, /^kms\.auth\.jwtPath must/],
    [{ auth: { type: 'kubernetes', role: 'r', jwt: SECRET } }, /^kms\.auth\.jwt is not an option/],
    [{ tls: { verify: false } }, /^kms\.tls\.verify is not an option/],
    [{ tls: { ca: 1 } }, /^kms\.tls\.ca must/],
    [{ tls: { ca: SECRET } }, /^kms\.tls\.ca must hold certificates/],
    [{ tls: { cert: 'x' } }, /^kms\.tls must have both/],
  ]) {
    const opening = SessionFactory.open(options({ kms: { ...good, ...change } }))
    await assert.rejects(opening, (error) => {
      assert.match(error.code, /^ERR_INVALID_ARG_/, error.message)
      assert.match(error.message, message)
      assert.ok(!shown(error).includes(SECRET), shown(error))
      return true
    })
  }
})

/** The blocks of HCL of docs/kms.md. */
function documentedPolicies() {
  const blocks = readFileSync(DOCS, 'utf8').matchAll(/```hcl\n([\s\S]*?)```/g)
  return [...blocks].map(([, hcl]) => hcl)
}

test('the policies of docs/kms.md are enough, without the policy default', async (t) => {
  const vault = await startVault(t)
  const metastore = sqlite(t)
  const [writer, reader] = documentedPolicies()
  const open = async (name, hcl) => {
    await vault.tell('policy', { name, hcl })
    const properties = { policies: [name], noDefaultPolicy: true }
    return openFactory(t, { metastore, kms: await kmsByToken(vault, properties) })
  }
  const record = await (await open('documented-writer', writer)).session('a').seal('of a')
  const reading = await open('documented-reader', reader)
  assert.equal(await reading.session('a').unsealString(record), 'of a')
  const other = await openFactory(t, {
    productId: 'other',
    metastore,
    kms: await kmsByToken(vault, { policies: ['documented-reader'], noDefaultPolicy: true }),
  })
  await assert.rejects(other.session('a').seal('x'), coded('ERR_KMS_REFUSED'))
})
