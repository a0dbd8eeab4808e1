// A factory whose metastore is a Map of the benchmark's own, so that a peer can use the same keys.
import { randomBytes } from 'node:crypto'
import { SessionFactory } from 'sealdiff'

export const MASTER_KEY = randomBytes(32)

/** @param {object} [overrides] @returns the factory and the rows of its metastore */
export async function openFactory(overrides) {
  const rows = new Map()
  const factory = await SessionFactory.open({
    serviceId: 'benchmark',
    productId: 'sealdiff',
    metastore: mapMetastore(rows),
    kms: { type: 'static', key: MASTER_KEY },
    ...overrides,
  })
  return { factory, rows }
}

/** @param {Map<string, Map<number, string>>} rows by id, then by creation, oldest first */
function mapMetastore(rows) {
  return {
    load: async (id, created) => rows.get(id)?.get(created) ?? null,
    loadLatest: async (id) => rowOf(rows, id) ?? null,
    store: async (id, created, record) => {
      const versions = rows.get(id) ?? new Map()
      rows.set(id, versions)
      if (versions.has(created)) return false
      versions.set(created, record)
      return true
    },
  }
}

/** The newest version's record, or that of `created`. */
export function rowOf(rows, id, created) {
  const versions = rows.get(id)
  return created === undefined ? [...(versions?.values() ?? [])].at(-1) : versions?.get(created)
}
