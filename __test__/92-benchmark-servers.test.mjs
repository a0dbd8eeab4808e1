// What the benchmark makes in a database of the user's is gone when it ends, however it ends.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite, test } from 'node:test'
import { passingTable } from '../benchmark/passing-table.mjs'
import { root } from '../scripts/project.mjs'
import { freshDatabase, SERVERS, sql, whyMissing } from './support/servers.mjs'
import { until } from './support/until.mjs'

const PROGRAM = path.join(root, 'benchmark/index.mjs')
const VARIABLES = { postgres: 'SEALDIFF_BENCH_POSTGRES', mysql: 'SEALDIFF_BENCH_MYSQL' }
const TABLES =
  "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'sealdiff_b%'"

for (const [server, variable] of Object.entries(VARIABLES)) {
  suite(server, { skip: await whyMissing(server) }, () => {
    /** Starts the part on a database of its own, with a folder of its own for temporary files. */
    function begin(t, ...args) {
      const database = freshDatabase(t, server)
      const folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-test-'))
      t.after(() => rmSync(folder, { recursive: true }))
      const env = { ...process.env, TMPDIR: folder, [variable]: SERVERS[server].url(database) }
      const part = [PROGRAM, 'envelope/envelope-metastores', '--quick', ...args]
      const child = spawn(process.execPath, part, { env, stdio: ['ignore', 'pipe', 'inherit'] })
      const tables = () =>
        sql(server, database, TABLES + (server === 'mysql' ? ' AND table_schema = DATABASE()' : ''))
      return { child, folder, tables, ended: once(child, 'exit') }
    }

    test('a run that is over leaves no table and no file', async (t) => {
      const { child, folder, tables, ended } = begin(t, '--filter', 'A cold partition')
      const rows = await child.stdout.setEncoding('utf8').toArray()
      assert.deepEqual(await ended, [0, null])
      assert.match(rows.join(''), server === 'mysql' ? /^MariaDB +[\d.]/m : /^Postgres +[\d.]/m)
      assert.deepEqual([tables(), readdirSync(folder)], [[], []])
    })

    test('a run that is ended leaves no table and no file', async (t) => {
      const { child, folder, tables, ended } = begin(t)
      await until('a table is made', () => tables().length === 1)
      child.kill('SIGTERM')
      assert.deepEqual(await ended, [null, 'SIGTERM'])
      await until('the table is dropped', () => tables().length === 0)
      assert.deepEqual(readdirSync(folder), [])
    })

    test('where its own program does not reach the database, no table is made', () => {
      const url = SERVERS[server]
        .url('test', 'nobody-here')
        .replace(':5432', ':1')
        .replace(':3306', ':1')
      assert.throws(() => passingTable(url), /^Error: (psql|mariadb): /)
    })
  })
}
