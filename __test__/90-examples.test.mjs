// The examples run as they stand, and show what they say.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { generateVersions } from '../examples/documents/generate.mjs'

const root = path.dirname(import.meta.dirname)

function run(example, { args = [], env = {} } = {}) {
  const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'examples', example), ...args],
    { encoding: 'utf8', env: { ...inherited, ...env } },
  )
  assert.equal(status, 0, stderr)
  return stdout
}

test('tenants: every record is opened by another process than the one that sealed it', () => {
  const output = run('tenants/index.mjs')
  const [, sealer, sealed] = /process (\d+) sealed (\d+) records/.exec(output)
  const [, opener, opened] = /process (\d+) opened (\d+) records/.exec(output)
  assert.notEqual(sealer, opener)
  assert.equal(sealed, opened)
  assert.match(output, /^initech +memo-1 +cover sheets/m)
})

test('tenants: no tenant opens the record of another', () => {
  assert.match(run('tenants/index.mjs'), /^globex tries invoice-1 of acme: ERR_[A-Z_]+$/m)
})

test('backup: comes back whole, is read in part, and is refused when it was cut', () => {
  const output = run('backup/index.mjs')
  assert.match(output, /^sealed \d{7} bytes as \d{7}$/m)
  assert.match(output, /^restored: the same bytes$/m)
  assert.match(output, /^40 bytes from the middle: ".*VALUES \(60/m)
  assert.match(output, /^cut in half: ERR_DECRYPT_FAILED$/m)
})

test('documents: both ways agree, and the patch leads from the old version to the new', () => {
  const output = run('documents/index.mjs')
  assert.match(output, /^both ways gave the same text: yes$/m)
  assert.match(output, /^old version \+ patch = new version: yes$/m)
  assert.match(output, /^… and \d+ more hunks$/m)
})

test('documents: colours appear when asked for, and never with NO_COLOR', () => {
  const paint = '\x1b['
  assert.ok(!run('documents/index.mjs').includes(paint))
  assert.ok(run('documents/index.mjs', { args: ['--color'] }).includes(paint))
  assert.ok(run('documents/index.mjs', { env: { FORCE_COLOR: '1' } }).includes(paint))
  const both = { FORCE_COLOR: '1', NO_COLOR: '1' }
  assert.ok(!run('documents/index.mjs', { env: both }).includes(paint))
})

test('documents: the generated versions are over a megabyte, and the same on every run', () => {
  const digests = [generateVersions(), generateVersions()].map((versions) => {
    for (const text of versions) assert.ok(text.length > 2 ** 20)
    return createHash('sha256').update(versions.join('\0')).digest('hex')
  })
  assert.equal(digests[0], digests[1])
})

test('batch: deltas of all versions restore the last, and take little room', () => {
  const output = run('batch/index.mjs', { args: ['2', '3'] })
  assert.match(output, /^last versions restored: 2 of 2$/m)
  const [, percent] = /^stored in \d+ bytes, ([\d.]+) %$/m.exec(output)
  assert.ok(Number(percent) < 20, output)
})

test('drift: what drifted is found, whatever the server added, and mended', () => {
  const output = run('drift/index.mjs')
  assert.match(
    output,
    /^drifted: \/spec\/containers\/0 \/spec\/containers\/1\/image \/spec\/replicas$/m,
  )
  assert.match(output, /^mended: 3 replicas, uid 7f3c$/m)
  assert.doesNotMatch(output, /managedFields|readyReplicas/)
})

test('testing: the example’s tests pass', () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const file = path.join(root, 'examples/testing/notes.test.mjs')
  const { status, stdout } = spawnSync(process.execPath, ['--test', file], {
    encoding: 'utf8',
    env,
  })
  assert.equal(status, 0, stdout)
  assert.match(stdout, /pass 3/)
})

test('demo: runs to its end', () => {
  const output = run('demo.mjs')
  assert.match(output, /opened 4 records/)
  assert.match(output, /^old version \+ patch = new version: yes$/m)
})

test('README: the example runs as it stands, and starts within the first fifteen lines', (t) => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
  const [before, example] = readme.split(/```(?:js)?\n/)
  assert.ok(before.split('\n').length <= 15)
  const folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-readme-'))
  t.after(() => rmSync(folder, { recursive: true }))
  // Its relative file would land in the checkout.
  const code = example.replace('sqlite:keys.db', `sqlite:${path.join(folder, 'keys.db')}`)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', code],
    { cwd: root, encoding: 'utf8', env: { ...process.env, MASTER_KEY: '11'.repeat(32) } },
  )
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^4 999\.00 EUR\n/)
  assert.match(stdout, /^-two$/m)
})
