// The codes are one list, in code, types and docs.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ErrorCode, inspect, isSealdiffError } from 'sealdiff'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file) => readFileSync(path.join(root, file), 'utf8')
const codesIn = (text) => [...new Set(text.match(/\b(?:ERR_[A-Z0-9_]+|ABORT_ERR)\b/g))].sort()
const CODES = Object.values(ErrorCode).sort()

test('each code is its own name, and the list cannot be changed', () => {
  for (const [name, code] of Object.entries(ErrorCode)) assert.equal(name, code)
  assert.ok(Object.isFrozen(ErrorCode))
})

test('types and docs name exactly the codes that exist', () => {
  assert.deepEqual(codesIn(read('docs/errors.md')), CODES)
  assert.deepEqual(
    codesIn(/export const ErrorCode: \{([^}]*)\}/.exec(read('index.d.ts'))[1]),
    CODES,
  )
  for (const code of codesIn(read('index.d.ts'))) assert.ok(CODES.includes(code), code)
})

test('every code that the sources raise is listed, and every listed one is raised', () => {
  const files = [
    ...readdirSync(path.join(root, 'lib'))
      .filter((name) => name !== 'error-code.js')
      .map((name) => `lib/${name}`),
    'src/error.rs',
    'loader/explain.js',
  ]
  const raised = codesIn(files.map(read).join('\n')).filter((code) => code !== 'ERR_CAUSE')
  assert.deepEqual(raised, CODES)
})

test('errors of this package are told from others, also across realms', async () => {
  const { runInNewContext } = await import('node:vm')
  assert.throws(() => inspect('x'), isSealdiffError)
  const foreign = runInNewContext(
    `Object.assign(new Error('x'), { code: 'ERR_INTERNAL', retryable: false })`,
  )
  assert.ok(isSealdiffError(foreign))
  for (const other of [
    new Error('x'),
    null,
    undefined,
    'ERR_INTERNAL',
    { code: 'ENOENT' },
    { code: 'ERR_INTERNAL' },
  ]) {
    assert.equal(isSealdiffError(other), false)
  }
})
