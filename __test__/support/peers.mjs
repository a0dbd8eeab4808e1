// Other implementations of Asherah, each in a virtual environment that .ci/run makes.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MASTER_KEY } from './factory.mjs'

const SCRIPT = fileURLToPath(new URL('./asherah_peer.py', import.meta.url))

/** By the version of the Python package `asherah`: in Go, and in Rust. */
export const PEERS = { go: '0.3.9', rust: '0.5.56' }

/** Why tests of a peer are skipped, or false; where `CI` is set a missing one is an error. */
export function whyMissingPeer(peer) {
  const missing = !existsSync(python(peer)) && `asherah ${PEERS[peer]} is missing: see .ci/run`
  if (missing && process.env.CI) throw new Error(missing)
  return missing
}

/**
 * What the peer answers to `jobs`, in a process of its own: `{ partition, data }` is encrypted,
 * `{ partition, record }` decrypted. Judged by what it prints: how it exits says nothing. Where its keys are not in
 * a database of `server`, `settings` say where, and `env` what the peer can't be told otherwise.
 */
export async function ask(peer, { server, database, serviceId = 'svc', settings, env }, jobs) {
  const config = {
    ServiceName: serviceId,
    ProductID: 'prod',
    ...(server && inDatabase(peer, server, database)),
    KMS: 'static',
    StaticMasterKeyHex: MASTER_KEY.toString('hex'),
    EnableSessionCaching: true,
    ...settings,
  }
  const given = jobs.map(({ data, ...job }) =>
    data === undefined ? job : { ...job, data: base64(data) },
  )
  const { stdout, stderr } = await run(python(peer), JSON.stringify({ config, jobs: given }), env)
  const answers = stdout.split('\n').filter((line) => line.startsWith('answer '))
  if (answers.length !== jobs.length) throw new Error(`asherah ${PEERS[peer]} ended: ${stderr}`)
  return answers.map((line) => decoded(JSON.parse(line.slice('answer '.length))))
}

function python(peer) {
  const folder = new URL(`../../target/tools/asherah-${PEERS[peer]}/`, import.meta.url)
  return fileURLToPath(new URL('bin/python', folder))
}

function inDatabase(peer, server, database) {
  return {
    Metastore: 'rdbms',
    SQLMetastoreDBType: server,
    ConnectionString: connection(peer, server, database),
  }
}

function connection(peer, server, database) {
  if (server === 'postgres') return `postgres://root@127.0.0.1:5432/${database}?sslmode=disable`
  if (peer === 'go') return `root@tcp(127.0.0.1:3306)/${database}?tls=false`
  return `mysql://root@127.0.0.1:3306/${database}`
}

async function run(program, input, env) {
  const options = { env: { ...process.env, ...env }, timeout: 120_000, killSignal: 'SIGKILL' }
  const child = spawn(program, [SCRIPT], options)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  // One that ends early is told of by what it printed.
  child.stdin.on('error', () => {}).end(input)
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  return { stdout, stderr }
}

const base64 = (data) => Buffer.from(data).toString('base64')
const decoded = (answer) =>
  answer.data === undefined ? answer : { data: Buffer.from(answer.data, 'base64').toString() }
