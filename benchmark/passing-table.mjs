// A table of its own name in a database of the user's, which is gone when this process is, however that ends.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { findProgram } from './find-peer.mjs'

const JOB = fileURLToPath(new URL('./passing-table-job.mjs', import.meta.url))

/** By the scheme of a URL: the program that can drop a table, and what it is told. */
const CLIENTS = {
  'postgres:': { program: 'psql', install: 'apt-get install postgresql-client', settings: ofPsql },
  'mysql:': { program: 'mariadb', install: 'apt-get install mariadb-client', settings: ofMariadb },
}
const ALSO = { 'postgresql:': 'postgres:', 'mariadb:': 'mysql:' }

/**
 * Names a table, and sees to its end: what may make it is asked only if its server's own program reaches the database.
 *
 * @param {string} text the URL of the database
 * @returns {{ name: string, drop: () => Promise<void>, missing?: undefined } | { missing: { name: string, command: string } }}
 */
export function passingTable(text) {
  const url = new URL(text)
  const client = CLIENTS[ALSO[url.protocol] ?? url.protocol]
  if (client === undefined) throw new Error('not a URL of postgres: or mysql:')
  const { program, install, settings } = client
  const { missing } = findProgram(program, { install })
  if (missing) return { missing }
  const name = `sealdiff_benchmark_${randomBytes(6).toString('hex')}`
  const { args, env } = settings(url)
  const command = (statement) => ({ program, args: [...args, statement], env })
  run(command('SELECT 1'))
  return { name, drop: whenWeEnd(command(`DROP TABLE IF EXISTS ${name}`)) }
}

function run({ program, args, env }) {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8' }
  const { status, stderr } = spawnSync(program, args, options)
  if (status !== 0) throw new Error(`${program}: ${stderr.trim()}`)
}

/** In a group of processes of its own, so that it outlives what ends ours. @returns what does it at once */
function whenWeEnd({ program, args, env }) {
  const child = spawn(process.execPath, [JOB, program, ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  return async () => {
    child.stdin.end()
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    if (code !== 0) throw new Error(`${args.at(-1)} failed: ${said.trim()}`)
  }
}

/** Passwords go by variables: everyone can read the arguments of a program. */
function ofPsql(url) {
  const { host, user, password, database, mode, ca } = partsOf(url)
  return {
    args: ['--no-psqlrc', '--quiet', '--no-password', '-v', 'ON_ERROR_STOP=1', '-c'],
    env: variables({
      PGHOST: host,
      PGPORT: url.port,
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGSSLMODE: mode,
      PGSSLROOTCERT: ca,
    }),
  }
}

function ofMariadb(url) {
  const { host, user, password, database, mode, ca } = partsOf(url)
  const socket = url.searchParams.get('socket')
  const where = socket ? [`--socket=${socket}`] : ['--protocol=tcp', `--host=${host}`]
  const port = url.port ? [`--port=${url.port}`] : []
  const isPlain = socket !== null || /^disabled?$/i.test(mode)
  const tls = isPlain ? '--skip-ssl' : ca ? `--ssl-ca=${ca}` : '--ssl'
  const whose = [`--user=${user}`, `--database=${database}`]
  return {
    args: ['--no-defaults', ...where, ...port, tls, ...whose, '-e'],
    env: variables({ MYSQL_PWD: password }),
  }
}

function partsOf({ hostname, username, password, pathname, searchParams }) {
  const parameter = (...names) => names.map((name) => searchParams.get(name)).find(Boolean)
  return {
    host: parameter('host') ?? decodeURIComponent(hostname).replace(/^\[|\]$/g, ''),
    user: decodeURIComponent(username) || parameter('user'),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    mode: parameter('sslmode', 'ssl-mode'),
    ca: parameter('sslrootcert', 'ssl-root-cert', 'ssl-ca', 'sslca'),
  }
}

function variables(named) {
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value))
}
