// A factory for a test, closed and its files removed when the test ends.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SessionFactory } from 'sealdiff'

export const MASTER_KEY = Buffer.from('thisIsAStaticMasterKeyForTesting')

/** The least that `SessionFactory.open` needs, with what a test wants otherwise. */
export function options(overrides = {}) {
  return {
    serviceId: 'svc',
    productId: 'prod',
    metastore: 'memory:',
    kms: { type: 'static', key: MASTER_KEY },
    ...overrides,
  }
}

export async function openFactory(t, overrides) {
  const factory = await SessionFactory.open(options(overrides))
  t.after(() => factory.close())
  return factory
}

export function temporaryFolder(t) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What `assert.throws` and `assert.rejects` compare an error of this package with. */
export function coded(code, more = {}) {
  return { code, ...more }
}
