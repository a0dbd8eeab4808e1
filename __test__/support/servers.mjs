// Databases, spoken to by clients of their own as an operator would: the servers of this machine, and SQLite.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import path from 'node:path'
import { temporaryFolder } from './factory.mjs'

const SQLITE_CLIENT = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
for statement in sys.stdin.read().split(';\\n'):
    for row in connection.execute(statement): print(*row, sep='|')
`

export const SERVERS = {
  postgres: {
    port: 5432,
    url: (database, user = 'root') =>
      `postgres://${user}@127.0.0.1:5432/${database}?sslmode=disable`,
    client: (database, user = 'root') => [
      'psql',
      ...['-h', '127.0.0.1', '-U', user, '-d', database, '-v', 'ON_ERROR_STOP=1', '-qAt'],
    ],
  },
  mysql: {
    port: 3306,
    url: (database, user = 'root') => `mysql://${user}@127.0.0.1:3306/${database}?sslmode=disable`,
    client: (database, user = 'root') => [
      'mariadb',
      ...['-h', '127.0.0.1', '-u', user, '--default-character-set=utf8mb4', '-BN', database],
    ],
  },
  sqlite: {
    url: (file) => `sqlite:${file}`,
    client: (file) => ['python3', '-c', SQLITE_CLIENT, file],
  },
}

/** Why tests of a server are skipped, or false; where `CI` is set a missing one is an error. */
export async function whyMissing(server) {
  if (server === 'sqlite') return false
  const missing = !(await isListening(SERVERS[server].port)) && `no ${server} on this machine`
  if (missing && process.env.CI) throw new Error(missing)
  return missing
}

/** Runs statements as `user`; gives the lines of the result. */
export function sql(server, database, statements, user) {
  const [command, ...args] = SERVERS[server].client(database, user)
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input: statements,
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status !== 0) throw new Error(`${command}: ${error ?? stderr}`)
  return stdout.split('\n').slice(0, -1)
}

/** A database for one test, removed when it ends. */
export function freshDatabase(t, server) {
  if (server === 'sqlite') return path.join(temporaryFolder(t), 'keys.db')
  const name = `sealdiff_js_${randomBytes(6).toString('hex')}`
  sql(server, 'test', `CREATE DATABASE ${name}`)
  t.after(() => {
    const force = server === 'postgres' ? ' WITH (FORCE)' : ''
    sql(server, 'test', `DROP DATABASE ${name}${force}`)
  })
  return name
}

async function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.end(() => resolve(true)))
    socket.once('error', () => resolve(false))
  })
}
