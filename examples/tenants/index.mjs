// Seals the records of three tenants, ends, and opens them again in a new process: what survives is a
// file of sealed records, a SQLite file of encrypted keys, and the master key, which neither contains.
// usage: index.mjs
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { SessionFactory } from 'sealdiff'

const RECORDS = [
  { tenant: 'acme', id: 'invoice-1', text: '1 anvil, 199.00 EUR' },
  { tenant: 'acme', id: 'invoice-2', text: '1 rocket, 4 999.00 EUR' },
  { tenant: 'globex', id: 'invoice-1', text: 'consulting, 12 hours' },
  { tenant: 'initech', id: 'memo-1', text: 'cover sheets, effective at once' },
]

const [phase, folder] = process.argv.slice(2)
if (phase === 'open') await openRecords(folder)
else await sealThenRestart()

async function sealThenRestart() {
  const temporary = mkdtempSync(path.join(tmpdir(), 'sealdiff-tenants-'))
  // Stands for a KMS: in production a key that never leaves AWS KMS or Vault.
  const masterKey = randomBytes(32).toString('hex')
  try {
    await sealRecords(temporary, masterKey)
    console.log('\nrestarting: a new process opens the same two files\n')
    const env = { ...process.env, MASTER_KEY: masterKey }
    const args = [fileURLToPath(import.meta.url), 'open', temporary]
    const { status } = spawnSync(process.execPath, args, { env, stdio: 'inherit' })
    process.exitCode = status ?? 1
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

async function sealRecords(folder, masterKey) {
  const factory = await openFactory(folder, masterKey)
  const sealed = []
  for (const { tenant, id, text } of RECORDS) {
    const session = factory.session(tenant)
    // The id is bound to the record: a row copied over another one does not open.
    const record = await session.seal(text, { additionalData: id })
    sealed.push({ tenant, id, record: record.toString('base64') })
    session.close()
  }
  await factory.close()
  writeFileSync(path.join(folder, 'records.json'), JSON.stringify(sealed))
  const rows = sealed.map(({ tenant, id, record }) => [tenant, id, `${record.slice(0, 40)}…`])
  console.log(`process ${process.pid} sealed ${sealed.length} records\n`)
  printTable(['tenant', 'record', 'as stored (base64)'], rows)
}

async function openRecords(folder) {
  const factory = await openFactory(folder, process.env.MASTER_KEY)
  const sealed = JSON.parse(readFileSync(path.join(folder, 'records.json'), 'utf8'))
  const rows = []
  for (const { tenant, id, record } of sealed) {
    const session = factory.session(tenant)
    const bytes = Buffer.from(record, 'base64')
    rows.push([tenant, id, await session.unsealString(bytes, { additionalData: id })])
    session.close()
  }
  console.log(`process ${process.pid} opened ${rows.length} records\n`)
  printTable(['tenant', 'record', 'opened'], rows)
  await showIsolation(factory, sealed[0])
  await factory.close()
}

/** What one tenant gets when it tries another one's record. */
async function showIsolation(factory, { tenant, id, record }) {
  const session = factory.session('globex')
  const attempt = session.unseal(Buffer.from(record, 'base64'), { additionalData: id })
  const outcome = await attempt.then(
    () => 'opened',
    (error) => error.code,
  )
  console.log(`\nglobex tries ${id} of ${tenant}: ${outcome}`)
  if (outcome === 'opened') process.exitCode = 1
}

function openFactory(folder, masterKey) {
  return SessionFactory.open({
    serviceId: 'invoicing',
    productId: 'example',
    metastore: `sqlite:${path.join(folder, 'keys.db')}`,
    kms: { type: 'static', key: masterKey },
  })
}

function printTable(head, rows) {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length)),
  )
  const line = (row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd()
  for (const row of [head, widths.map((width) => '-'.repeat(width)), ...rows])
    console.log(line(row))
}
