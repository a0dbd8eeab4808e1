// For tests of code that uses sealdiff: a factory in memory, a clock to move, a metastore to look into.

import type { CustomMetastore, Duration, SessionFactory, SessionFactoryOptions } from './index.js'

/** Options of {@link openForTests}: those of `SessionFactory.open`, none of them required. */
export interface TestFactoryOptions extends Partial<SessionFactoryOptions> {
  /** What expiry, refresh and revocation go by. @default the system's clock */
  clock?: TestClock | undefined
}

/**
 * Opens a factory for a test: a metastore in memory and a fixed master key, without the warning that a
 * static key has. Close it when the test ends. What it seals is not secret.
 *
 * @throws As `SessionFactory.open`.
 *
 * @example
 * const clock = new TestClock()
 * const factory = await openForTests({ clock, policy: { expireAfter: '30d' } })
 * const session = factory.session('customer-42')
 * const old = await session.seal('text')
 * clock.advance('31d')
 * await session.seal('text') // under a new key
 * await session.unsealString(old) // 'text': expired keys go on reading
 */
export function openForTests(options?: TestFactoryOptions): Promise<SessionFactory>

/**
 * A clock that stands still until it is moved. It decides when keys expire and when a cached key is
 * read again; the time-outs of metastore and KMS go by real time. One clock may serve several factories
 * of its thread.
 */
export class TestClock {
  /** @param now What it shows: a Date, or milliseconds since 1970. @default the system's time */
  constructor(now?: Date | number)

  /** What it shows. */
  readonly now: Date

  /**
   * Lets time pass.
   *
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`: no duration, or a negative one.
   */
  advance(duration: Duration): void
}

/** A row of a {@link TestMetastore}. */
export interface TestRow {
  /** `_SK_…` of a system key, `_IK_…` of a partition's intermediate key. */
  id: string
  /** When the key was created, in Unix seconds. */
  created: number
  /** JSON text, as it is stored. */
  record: string
  revoked: boolean
}

/**
 * A metastore in memory that a test can look into, and revoke keys in. Several factories may share one,
 * as services share a database.
 *
 * @example
 * const metastore = new TestMetastore()
 * const factory = await openForTests({ metastore, clock })
 * await factory.session('customer-42').seal('text')
 * metastore.revoke((row) => row.id.startsWith('_IK_customer-42_'))
 */
export class TestMetastore implements CustomMetastore {
  load(id: string, created: number): Promise<string | null>
  loadLatest(id: string): Promise<string | null>
  store(id: string, created: number, record: string): Promise<boolean>

  /** Every row, in the order in which they were stored. */
  rows(): TestRow[]

  /**
   * Marks keys as revoked, as an operator would in the table. A factory notices within
   * `policy.revokeCheckInterval` of its clock; revoked keys go on reading.
   *
   * @param which An id, or what tells the rows; all rows if it is missing.
   * @returns How many rows were revoked.
   */
  revoke(which?: string | ((row: TestRow) => boolean)): number
}
