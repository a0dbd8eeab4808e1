// The whole public API: the contract. `tsc --checkJs` holds lib/ to it.

import type { Blob } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'
import type { TransformStream } from 'node:stream/web'

/**
 * Options of {@link SessionFactory.open}.
 */
export interface SessionFactoryOptions {
  /**
   * The service that owns the keys. Not empty, no U+0000, no space at either end; it becomes part
   * of the key ids, which are at most 255 characters long.
   */
  serviceId: string
  /** The product that the service belongs to; the same rules as for `serviceId`. */
  productId: string
  /**
   * Where key records live: `'sqlite:keys.db'`, `'postgres://…'`, `'mysql://…'`,
   * `'dynamodb://EncryptionKey?region=us-west-2&regionSuffix=true'`, `'memory:'` for
   * tests; the same with options; or an object of your own. There is no default: a key store that
   * vanishes with a container takes the data with it.
   */
  metastore: string | MetastoreOptions | CustomMetastore
  /** Who wraps the system keys: AWS KMS, Vault, a master key in memory, or an object of your own. */
  kms: StaticKms | AwsKms | VaultKms | CustomKms
  /** When keys end and how long a cached one is believed. */
  policy?: CryptoPolicy | undefined
  /** Sizes of the caches. */
  cache?: CacheOptions | undefined
  /**
   * Where cached keys lie. `'prefer'`: in memory that can't be swapped, between guard pages and out
   * of core dumps; where the system denies locking, a warning says so once, and the rest holds.
   * `'require'`: opening fails there. `'off'`: on the heap, wiped all the same.
   * @default 'prefer'
   */
  secureMemory?: 'require' | 'prefer' | 'off' | undefined
  /**
   * The most memory to lock, in bytes: from 4096 to 2³⁰, rounded up to whole pages. A key takes
   * 320. Keys beyond it are kept encrypted under a key in locked memory, and cost about 0.6 µs more a
   * call.
   * @default half of what the process may lock (RLIMIT_MEMLOCK), at most 4 MiB
   */
  lockedBytes?: number | undefined
  /**
   * Draws the random bytes of each record from the operating system, which costs about half a
   * microsecond, instead of from a page of them per thread. For machines that are resumed from a
   * snapshot more than once: two copies would find the same page, and could use a nonce twice within
   * its second of life.
   * @default true on AWS Lambda with SnapStart, else false
   */
  freshRandomness?: boolean | undefined
  /**
   * The longest that any metastore or KMS operation may take: seconds, or `'30s'`.
   * @default '30s'
   */
  timeout?: Duration | undefined
  /**
   * Makes a missing table (and SQLite file). An existing table is never altered.
   * @default true for `sqlite:`, false for servers
   */
  createTable?: boolean | undefined
  /**
   * The table's name: letters, digits and `_`; for PostgreSQL also `schema.table`.
   * @default 'encryption_key'; 'EncryptionKey' for `dynamodb:`
   */
  table?: string | undefined
  /** Ends the opening: the promise rejects with an `AbortError`. */
  signal?: AbortSignal | undefined
}

/** Seconds, or a whole number with its unit: `'90d'`, `'12h'`, `'60m'`, `'30s'`. */
export type Duration = number | `${number}${'d' | 'h' | 'm' | 's'}`

/**
 * A master key in memory: for tests, and where the machine's own protection is all there is.
 * Warns once per thread outside tests.
 */
export interface StaticKms {
  type: 'static'
  /** 32 bytes, or a string of 64 hexadecimal digits. */
  key: Uint8Array | string
}

/**
 * AWS KMS, in one region or several: a system key is encrypted by the KMS key of each region, so that
 * any one of them can decrypt it. Credentials come by AWS's usual chain: environment, profiles, roles.
 *
 * An error whose `cause` is that of several regions has one error for each in `cause.errors`.
 *
 * @example
 * const kms = {
 *   type: 'aws',
 *   regions: {
 *     'us-west-2': 'arn:aws:kms:us-west-2:111122223333:key/…',
 *     'us-east-1': 'arn:aws:kms:us-east-1:111122223333:key/…',
 *   },
 *   preferredRegion: 'us-west-2',
 * }
 */
export interface AwsKms {
  type: 'aws'
  /** The ARN of a symmetric KMS key, or of an alias, by the region that it is in. */
  regions: Record<string, string>
  /** The region that is asked first. Needed where there are several. */
  preferredRegion?: string | undefined
  /**
   * The fewest regions that must be able to decrypt a new system key; with fewer it is not made.
   * @default 1
   */
  minRegions?: number | undefined
  /** The URL of the service, for all regions or by region, where it is not AWS's own. */
  endpoint?: string | Record<string, string> | undefined
}

/**
 * HashiCorp Vault or OpenBao: a key of the transit engine, which never leaves the server, wraps the
 * system keys. See docs/kms.md for policies.
 *
 * @example
 * const kms = {
 *   type: 'vault',
 *   address: 'https://vault.example:8200',
 *   key: 'system-keys',
 *   auth: { type: 'kubernetes', role: 'billing' },
 * }
 */
export interface VaultKms {
  type: 'vault'
  /**
   * `https://host:port`, with a path if a proxy wants one.
   * @default the environment variable VAULT_ADDR
   */
  address?: string | undefined
  /** The name of the transit key. It is not made if it is missing. */
  key: string
  /** Where the transit engine is mounted. @default 'transit' */
  mount?: string | undefined
  /** `''` is the root. @default the environment variable VAULT_NAMESPACE */
  namespace?: string | undefined
  /** How to log in. @default a token, as Vault's own tools find it */
  auth?: VaultTokenAuth | VaultAppRoleAuth | VaultKubernetesAuth | undefined
  /** Certificates. */
  tls?: VaultTlsOptions | undefined
  /**
   * Lets `address` be `http:` with a host other than this machine: whoever listens on the network
   * then reads the token and the system keys.
   * @default false
   */
  allowPlainHttp?: boolean | undefined
}

/** A token, renewed while it can be. */
export interface VaultTokenAuth {
  type: 'token'
  /** @default the environment variable VAULT_TOKEN; else the file `~/.vault-token` */
  token?: string | undefined
  /** A file that holds the token, read again when the token is turned down, such as Vault Agent's sink. */
  path?: string | undefined
}

/** The AppRole auth method. */
export interface VaultAppRoleAuth {
  type: 'approle'
  roleId: string
  secretId: string
  /** Where the auth method is mounted. @default 'approle' */
  mount?: string | undefined
}

/** The Kubernetes auth method. */
export interface VaultKubernetesAuth {
  type: 'kubernetes'
  /** The role of the auth method. */
  role: string
  /**
   * The token of the service account, read at each login.
   * @default '/var/run/secrets/kubernetes.io/serviceaccount/token'
   */
  jwtPath?: string | undefined
  /** Where the auth method is mounted. @default 'kubernetes' */
  mount?: string | undefined
}

/** Certificates for TLS with Vault, each as PEM. */
export interface VaultTlsOptions {
  /** The authorities to trust, in place of the system's. */
  ca?: string | Uint8Array | undefined
  /** This client's certificate, with its chain. Needs `key`. */
  cert?: string | Uint8Array | undefined
  /** The private key of `cert`. */
  key?: string | Uint8Array | undefined
}

/** A metastore by its URL, with options. */
export interface MetastoreOptions {
  /**
   * `sqlite:PATH`, `memory:`, `postgres://user:password@host/database` or `mysql://…`
   * (`mariadb://`). Servers are spoken to with TLS unless the URL says `sslmode=disable`. Or
   * `dynamodb://TABLE` with the parameters `region`, `endpoint`, `regionSuffix` and
   * `allowGlobalTable`, each optional, as is the table. Other parameters are refused by name.
   */
  url: string
  /** As {@link SessionFactoryOptions.createTable}. */
  createTable?: boolean | undefined
  /** As {@link SessionFactoryOptions.table}. */
  table?: string | undefined
  /** Limits of the connections to a server. */
  pool?: PoolOptions | undefined
  /** Certificates for the connections to a server. */
  tls?: TlsOptions | undefined
}

/** Limits of the connections to a database server. */
export interface PoolOptions {
  /** @default 10 */
  maxConnections?: number | undefined
  /** The longest wait for a connection. @default '10s' */
  acquireTimeout?: Duration | undefined
  /** How long a connection may lie unused before it is closed. @default '5m' */
  idleTimeout?: Duration | undefined
}

/** Certificates for TLS, each as PEM. */
export interface TlsOptions {
  /** Authorities besides the public ones. Once given, the server's certificate is verified. */
  ca?: string | Uint8Array | undefined
  /** This client's certificate, with its chain. Needs `key`. */
  cert?: string | Uint8Array | undefined
  /** The private key of `cert`. */
  key?: string | Uint8Array | undefined
}

/**
 * A key store of your own. Its methods are called on the thread that opened the factory, also for
 * calls of other threads; one that does not settle within `timeout` counts as failed. What a method
 * throws becomes the `cause` of an `ERR_METASTORE_UNAVAILABLE`.
 *
 * Rows are only ever added. Ids are compared as code points: no collation may fold them.
 */
export interface CustomMetastore {
  /**
   * The row of exactly this id and creation time; `null` if there is none.
   *
   * @param created Unix seconds.
   */
  load(id: string, created: number): Promise<string | null> | string | null
  /** The row of this id with the greatest creation time; `null` if there is none. */
  loadLatest(id: string): Promise<string | null> | string | null
  /**
   * Adds a row; `false` if one with this id and creation time is already there, which must stay as
   * it is.
   *
   * @param record JSON text, to be given back as it was.
   */
  store(id: string, created: number, record: string): Promise<boolean> | boolean
}

/**
 * A key management service of your own, called as a {@link CustomMetastore} is. What a method throws
 * becomes the `cause` of an `ERR_KMS_UNAVAILABLE`: a cached key then serves for `refreshGrace`. An
 * error with `retryable: false` says no: `ERR_KMS_REFUSED`, and the key ends at once.
 */
export interface CustomKms {
  /** Encrypts a system key of 32 bytes. */
  encryptKey(key: Uint8Array): Promise<Uint8Array> | Uint8Array
  /** Decrypts what `encryptKey` gave, in any process with the same master key, to 32 bytes. */
  decryptKey(encryptedKey: Uint8Array): Promise<Uint8Array> | Uint8Array
}

/** When keys end and how long a cached one is believed. */
export interface CryptoPolicy {
  /**
   * Age at which system and intermediate keys are replaced on the next write; at least 60 seconds.
   * Old keys go on reading for ever.
   * @default '90d'
   */
  expireAfter?: Duration | undefined
  /**
   * How long a cached key is believed before its row is read again, in the background. A revoked
   * key stops writing within this interval, 60 seconds and `refreshGrace`.
   * @default '60m'
   */
  revokeCheckInterval?: Duration | undefined
  /**
   * How much longer a cached key serves while metastore or KMS don't answer.
   * @default '10m'
   */
  refreshGrace?: Duration | undefined
}

/** Sizes of the caches. */
export interface CacheOptions {
  /**
   * Sessions that each thread keeps at hand; others are found again by their partition id.
   * @default 1000
   */
  sessions?: number | undefined
  /**
   * Intermediate keys in memory, newest and older versions counted apart.
   * @default 10000
   */
  intermediateKeys?: number | undefined
}

/** Options of calls that take a signal only. */
export interface CallOptions {
  /** Ends this caller's wait: the promise rejects with an `AbortError`. A load that others wait for goes on. */
  signal?: AbortSignal | undefined
}

/** Options of {@link Session.warm}. */
export interface WarmOptions extends CallOptions {
  /**
   * Records of the session, of any format, whose keys shall be in memory too. Of a sealed stream the first
   * 38 bytes are enough.
   */
  records?: readonly (Uint8Array | string)[] | undefined
}

/** Options of {@link Session.unsealSync}. */
export interface UnsealSyncOptions {
  /**
   * Binds the record to a place, such as table, column and row id: it unseals only with the same
   * bytes. Not secret, not stored. A string counts as its UTF-8 bytes.
   */
  additionalData?: Uint8Array | string | undefined
}

/** Options of {@link Session.unseal}. */
export interface UnsealOptions extends UnsealSyncOptions, CallOptions {}

/** Options of {@link Session.sealStream} and {@link Session.unsealStream}. */
export interface StreamOptions extends UnsealSyncOptions {
  /** Ends the stream, wherever it is: both sides fail with an `AbortError`. */
  signal?: AbortSignal | undefined
}

/** Options of {@link Session.unsealRange}. */
export interface RangeOptions extends UnsealOptions {
  /** Length of the whole sealed stream in bytes. Needed where the source is a function, and only there. */
  recordLength?: number | undefined
}

/**
 * Where {@link Session.unsealRange} reads a sealed stream: an open file, a Blob, bytes, or a function
 * that gives the bytes from `start` up to `end`. A function may give fewer, but at least one, and is then asked
 * for the rest.
 */
export type StreamSource =
  | Uint8Array
  | Blob
  | FileHandle
  | ((start: number, end: number) => Promise<Uint8Array> | Uint8Array)

/** Options of {@link Session.sealSync}. */
export interface SealSyncOptions extends UnsealSyncOptions {
  /**
   * `'base64url'` gives the record as text, for text columns and URLs: 4/3 of its length, letters,
   * digits, `-` and `_`, unpadded (RFC 4648, section 5). Whatever reads records takes it so.
   * @default a Buffer
   */
  encoding?: 'base64url' | undefined
}

/** Options of {@link Session.seal} and {@link Session.reseal}. */
export interface SealOptions extends SealSyncOptions, CallOptions {}

/** Options of {@link Session.encryptMany} and {@link Session.decryptMany}. */
export interface ManyOptions extends CallOptions {
  /**
   * Tells each outcome by itself, in the shape of `Promise.allSettled`, instead of rejecting with
   * the first failure. Must be known when it is compiled, for it changes what comes.
   * @default false
   */
  settled?: boolean | undefined
}

/** Options of {@link Session.sealMany}; its additional data is that of items without their own. */
export interface SealManyOptions extends ManyOptions, SealSyncOptions {}
/** Options of {@link Session.unsealMany}. */
export interface UnsealManyOptions extends ManyOptions, UnsealSyncOptions {}

/** Data for {@link Session.sealMany}. */
export type SealItem =
  | Uint8Array
  | string
  | { data: Uint8Array | string; additionalData?: Uint8Array | string | undefined }
/** A record for {@link Session.unsealMany}. */
export type UnsealItem =
  | Uint8Array
  | string
  | { record: Uint8Array | string; additionalData?: Uint8Array | string | undefined }

/** Options that ask for each outcome. */
type Settled<Options> = Options & { settled: true }
/** Options that ask for values, or else the first failure. */
type Unsettled<Options> = Options & { settled?: false | undefined }
/** Options that ask for text. */
type AsText<Options> = Options & { encoding: 'base64url' }
/** Options that ask for bytes. */
type AsBytes<Options> = Options & { encoding?: undefined }

/**
 * Names an open factory of this process, for {@link SessionFactory.attach} in a worker thread.
 * Whoever holds it can decrypt every partition: never log it.
 */
export type FactoryHandle = string & { readonly __factoryHandle: never }

/**
 * What a factory did since it was opened, and what it holds now, over all threads. Every number is
 * a count.
 */
export interface FactoryStats {
  /** Sessions at hand now: those of one partition count once on each thread. */
  sessions: number
  /** Calls of {@link SessionFactory.session} that found the partition's session at hand. */
  sessionHits: number
  /** Sessions that had to be opened, also again after they had made room for others. */
  sessionMisses: number
  /**
   * Intermediate keys in memory now, newest and older versions counted apart. A session keeps its
   * newest key also when the cache has given it up, so that this can exceed
   * {@link CacheOptions.intermediateKeys}.
   */
  intermediateKeys: number
  /** System keys in memory now. */
  systemKeys: number
  /** Keys of streams in memory now: of each that has begun and neither ended, failed nor been collected. */
  streamKeys: number
  /** Intermediate keys that a call found in memory. A call of `reseal` looks for two. */
  keyHits: number
  /**
   * Intermediate keys that a call did not find in memory: it waited for a load, its own or one under
   * way, or failed with `ERR_KEY_NOT_CACHED`.
   */
  keyMisses: number
  /**
   * Loads that were not made because the metastore had no such key within the last 1 to 2 seconds.
   */
  negativeHits: number
  /** Loads of keys that were not in memory, of both levels; those that were made count too. */
  keyLoads: number
  /** Loads of keys that were in memory, of both levels, to see whether they are still valid. */
  keyRefreshes: number
  /** Refreshes that failed: the old key serves for the grace. */
  refreshFailures: number
  /** Intermediate keys that the cache gave up to make room for others. */
  keyEvictions: number
  /** Rows asked of the metastore. */
  metastoreLoads: number
  /** Rows offered to the metastore. */
  metastoreStores: number
  /** Calls of the metastore that failed or took longer than the timeout. */
  metastoreFailures: number
  /** System keys wrapped by the KMS. */
  kmsEncrypts: number
  /** System keys unwrapped by the KMS. */
  kmsDecrypts: number
  /** Calls of the KMS that failed or took longer than the timeout. */
  kmsFailures: number
  /** Events of the process that a diagnostics channel did not get because too many waited. */
  droppedEvents: number
  /**
   * What cached keys got: locked memory; guarded memory, where the system denied locking; or the
   * heap, with `secureMemory: 'off'` and on systems without either.
   */
  memoryProtection: 'locked' | 'guarded' | 'heap'
  /** Memory locked for keys so far, in bytes. */
  lockedBytes: number
  /** The most that will be, in bytes; 0 where nothing is locked. */
  lockedBytesLimit: number
}

/**
 * What the tracing channels `sealdiff:seal`, `sealdiff:unseal`, `sealdiff:encrypt` and
 * `sealdiff:decrypt` of `node:diagnostics_channel` tell of a call: one object from `start` to the end,
 * to which a subscriber may add what is its own. It holds no data, record, key or id.
 */
export interface CallContext {
  operation: 'seal' | 'unseal' | 'encrypt' | 'decrypt'
  format: 'sealed-record' | 'data-row-record'
  /** A call of `'sync'` form is over with `end`, one of `'promise'` form with `asyncEnd`. */
  form: 'sync' | 'promise'
  /** Length of the data or record that was given, of a string as UTF-8; none if it was neither. */
  bytesIn?: number | undefined
  /** How many were given at once: calls like `sealMany` alone have it. Lengths are of all together, of outcomes that came. */
  records?: number
  /** Length of the record or data that came out. */
  bytesOut?: number | undefined
  /** Set when the call is over. */
  outcome?: 'ok' | 'error'
  /** What went wrong, if it was an error of this package. */
  code?: ErrorCode
}

/** What the channels `sealdiff:metastore` and `sealdiff:kms` tell of a call when it is over. */
export interface BackendCall {
  operation: 'load' | 'loadLatest' | 'store' | 'encryptKey' | 'decryptKey' | 'ping'
  durationMs: number
  outcome: 'ok' | 'error'
  /** What went wrong. */
  code?: ErrorCode
  /** Whose key a metastore was asked for. */
  level?: 'system' | 'intermediate'
}

/** What the channel `sealdiff:log` tells. */
export interface LogLine {
  level: 'info' | 'warn' | 'error'
  message: string
  fields: Record<string, string | number | boolean>
}

/**
 * The keys of one service and product: its caches, metastore and key management service.
 *
 * @example
 * const factory = await SessionFactory.open({
 *   serviceId: 'billing',
 *   productId: 'shop',
 *   metastore: 'sqlite:keys.db',
 *   kms: { type: 'static', key: process.env.MASTER_KEY },
 * })
 * const session = factory.session('customer-42')
 * const record = await session.seal('4111 1111 1111 1111')
 * await session.unsealString(record) // '4111 1111 1111 1111'
 * await factory.close()
 */
export class SessionFactory {
  private constructor()

  /**
   * Checks everything, connects, and fails early. Creates no key and needs no right to write.
   *
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`: an option, by its name.
   * `ERR_METASTORE_UNAVAILABLE`, `ERR_KMS_UNAVAILABLE`, `ERR_KMS_REFUSED`.
   * `ERR_SECURE_MEMORY_UNAVAILABLE` with `secureMemory: 'require'`.
   */
  static open(options: SessionFactoryOptions): Promise<SessionFactory>

  /**
   * The factory of another thread: the same caches and keys.
   *
   * @throws `ERR_HANDLE_INVALID` if no open factory of this process has that handle.
   *
   * @example
   * const factory = SessionFactory.attach(workerData.handle)
   */
  static attach(handle: FactoryHandle): SessionFactory

  /**
   * A session of one partition: a tenant, a user, whatever must be isolated. A light object over
   * shared state; make one whenever you need one.
   *
   * @param partitionId Not empty, no U+0000, well-formed Unicode.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_SESSION_CLOSED`.
   */
  session(partitionId: string): Session

  /**
   * What a worker thread attaches by: pass it in `workerData` or `postMessage`.
   *
   * @throws `ERR_SESSION_CLOSED`.
   */
  handle(): FactoryHandle

  /**
   * Asks the metastore and the KMS for a sign of life: for readiness probes.
   *
   * @throws `ERR_METASTORE_UNAVAILABLE`, `ERR_KMS_UNAVAILABLE`, `ERR_KMS_REFUSED`.
   */
  ping(options?: CallOptions): Promise<void>

  /**
   * What the factory did so far.
   *
   * @throws `ERR_SESSION_CLOSED`.
   */
  stats(): FactoryStats

  /**
   * Waits for running calls, then erases the keys and gives connections back. Of an attached
   * factory it only lets this thread go. It does not wait for streams that are under way: each fails at its
   * next chunk, and its key is erased then, or with the stream.
   */
  close(): Promise<void>

  /** {@link SessionFactory.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * One partition: seals and reads its records.
 *
 * `seal` and `unseal` write and read sealdiff's compact sealed record; `encrypt` and `decrypt`
 * Asherah's DataRowRecord. The `…Sync` forms never wait for I/O: they need the key in the cache
 * ({@link Session.warm}). Promise forms never throw synchronously.
 */
export class Session {
  private constructor()

  /** The partition's id, as given to {@link SessionFactory.session}. */
  readonly partitionId: string

  /**
   * Seals data into a record of its length + 46 bytes. A string is sealed as UTF-8.
   *
   * @throws `ERR_METASTORE_UNAVAILABLE`, `ERR_KMS_UNAVAILABLE`, `ERR_KMS_REFUSED`,
   * `ERR_KEY_INVALID`, `ERR_CLOCK_SKEW`, `ERR_METASTORE_COLLATION`, `ERR_METASTORE_CONFLICT`,
   * `ERR_SESSION_CLOSED`, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`; `ERR_DATA_TOO_LARGE`
   * for a text longer than a string can be (data over 384 MiB).
   *
   * @example
   * const place = { additionalData: 'users.email:42' }
   * const bytes = await session.seal('ada@example.com', place)
   * const text = await session.seal('ada@example.com', { ...place, encoding: 'base64url' })
   * await session.unsealString(text, place) // 'ada@example.com'
   */
  seal(data: Uint8Array | string, options: AsText<SealOptions>): Promise<string>
  seal(data: Uint8Array | string, options?: AsBytes<SealOptions>): Promise<Buffer>
  seal(data: Uint8Array | string, options?: SealOptions): Promise<Buffer | string>

  /**
   * {@link Session.seal} without waiting.
   *
   * @throws As `seal`, and `ERR_KEY_NOT_CACHED` if the key is not in the cache: its load has then
   * been started, so that a retry works.
   */
  sealSync(data: Uint8Array | string, options: AsText<SealSyncOptions>): string
  sealSync(data: Uint8Array | string, options?: AsBytes<SealSyncOptions>): Buffer
  sealSync(data: Uint8Array | string, options?: SealSyncOptions): Buffer | string

  /**
   * The data of a sealed record: its bytes, or its text if it was sealed with `encoding`.
   *
   * @throws `ERR_RECORD_INVALID`: no sealed record. `ERR_DECRYPT_FAILED`: altered, of another
   * place, or other additional data. `ERR_KEY_NOT_FOUND`: the metastore lacks its key.
   * `ERR_PARTITION_MISMATCH`, `ERR_METASTORE_UNAVAILABLE`, `ERR_KMS_UNAVAILABLE`,
   * `ERR_KMS_REFUSED`, `ERR_KEY_INVALID`, `ERR_SESSION_CLOSED`.
   */
  unseal(record: Uint8Array | string, options?: UnsealOptions): Promise<Buffer>

  /**
   * {@link Session.unseal} without waiting.
   *
   * @throws As `unseal`, and `ERR_KEY_NOT_CACHED` if the key is not in the cache: its load has then
   * been started: a retry within a second works, or says `ERR_KEY_NOT_FOUND`. Else use `unseal`, which waits.
   */
  unsealSync(record: Uint8Array | string, options?: UnsealSyncOptions): Buffer

  /** {@link Session.unseal} to a string. @throws As `unseal`, and `ERR_NOT_UTF8`. */
  unsealString(record: Uint8Array | string, options?: UnsealOptions): Promise<string>

  /** {@link Session.unsealString} without waiting. @throws As it, and `ERR_KEY_NOT_CACHED`. */
  unsealStringSync(record: Uint8Array | string, options?: UnsealSyncOptions): string

  /**
   * Encrypts data to Asherah's DataRowRecord, JSON text: 4/3 of its length and about 250
   * characters. A string is encrypted as UTF-8.
   *
   * @throws As {@link Session.seal}, and `ERR_DATA_TOO_LARGE` where the text would be longer than a
   * string can be (data over 384 MiB).
   */
  encrypt(data: Uint8Array | string, options?: CallOptions): Promise<string>

  /** {@link Session.encrypt} without waiting. @throws As `encrypt`, and `ERR_KEY_NOT_CACHED`. */
  encryptSync(data: Uint8Array | string): string

  /**
   * The data of a DataRowRecord, whichever Asherah implementation wrote it.
   *
   * @throws `ERR_PARTITION_MISMATCH`: another partition, service or product. Else as
   * {@link Session.unseal}.
   */
  decrypt(record: string | Uint8Array, options?: CallOptions): Promise<Buffer>

  /** {@link Session.decrypt} without waiting. @throws As `decrypt`, and `ERR_KEY_NOT_CACHED`. */
  decryptSync(record: string | Uint8Array): Buffer

  /** {@link Session.decrypt} to a string. @throws As `decrypt`, and `ERR_NOT_UTF8`. */
  decryptString(record: string | Uint8Array, options?: CallOptions): Promise<string>

  /** {@link Session.decryptString} without waiting. @throws As it, and `ERR_KEY_NOT_CACHED`. */
  decryptStringSync(record: string | Uint8Array): string

  /**
   * {@link Session.seal} of up to 100 000 items in one call: the key is looked up once, and all
   * processors work where there is much to do. Items may have additional data of their own.
   *
   * The first failure rejects all; with `settled: true` each outcome is told by itself.
   *
   * @throws As `seal`.
   *
   * @example
   * const records = await session.sealMany(users.map((user) => ({
   *   data: user.email,
   *   additionalData: `users.email:${user.id}`,
   * })))
   */
  sealMany(
    items: readonly SealItem[],
    options: AsText<Settled<SealManyOptions>>,
  ): Promise<PromiseSettledResult<string>[]>
  sealMany(
    items: readonly SealItem[],
    options: AsBytes<Settled<SealManyOptions>>,
  ): Promise<PromiseSettledResult<Buffer>[]>
  sealMany(
    items: readonly SealItem[],
    options: AsText<Unsettled<SealManyOptions>>,
  ): Promise<string[]>
  sealMany(
    items: readonly SealItem[],
    options?: AsBytes<Unsettled<SealManyOptions>>,
  ): Promise<Buffer[]>

  /**
   * {@link Session.unseal} of up to 100 000 records in one call; each key that they name is loaded
   * once. The first failure rejects all; with `settled: true` each outcome is told by itself.
   *
   * @throws As `unseal`.
   *
   * @example
   * const outcomes = await session.unsealMany(records, { settled: true })
   * const emails = outcomes.map((o) => (o.status === 'fulfilled' ? o.value.toString() : undefined))
   */
  unsealMany(
    records: readonly UnsealItem[],
    options: Settled<UnsealManyOptions>,
  ): Promise<PromiseSettledResult<Buffer>[]>
  unsealMany(
    records: readonly UnsealItem[],
    options?: Unsettled<UnsealManyOptions>,
  ): Promise<Buffer[]>

  /** {@link Session.encrypt} of many, as {@link Session.sealMany}. @throws As `encrypt`. */
  encryptMany(
    items: readonly (Uint8Array | string)[],
    options: Settled<ManyOptions>,
  ): Promise<PromiseSettledResult<string>[]>
  encryptMany(
    items: readonly (Uint8Array | string)[],
    options?: Unsettled<ManyOptions>,
  ): Promise<string[]>

  /** {@link Session.decrypt} of many, as {@link Session.unsealMany}. @throws As `decrypt`. */
  decryptMany(
    records: readonly (string | Uint8Array)[],
    options: Settled<ManyOptions>,
  ): Promise<PromiseSettledResult<Buffer>[]>
  decryptMany(
    records: readonly (string | Uint8Array)[],
    options?: Unsettled<ManyOptions>,
  ): Promise<Buffer[]>

  /**
   * Whether a record's key is the one that a write would use now: not if it has expired, was
   * revoked, or has a successor. Takes sealed records and DataRowRecords, as bytes or text, and the first 38
   * bytes of a sealed stream, or more of it.
   *
   * Only the record's key is looked at: nothing of the record is decrypted. Where the key is valid but the newest
   * one is not in memory, that one is asked for as a write would, which makes one where there is no valid one.
   *
   * @throws As {@link Session.unseal} and {@link Session.seal}, but never `ERR_DECRYPT_FAILED`.
   *
   * @example
   * // After a rotation, record by record:
   * if (!(await session.isCurrent(row.email))) row.email = await session.reseal(row.email, place)
   */
  isCurrent(record: Uint8Array | string, options?: CallOptions): Promise<boolean>

  /**
   * Seals a sealed record's data again, under the newest key and with the same additional data. The
   * data never reaches JavaScript. The old record stays valid.
   *
   * `encoding` says what comes out, whatever goes in. A DataRowRecord is refused: whoever reads it
   * elsewhere could not read a sealed record. To change the format, `seal` what `decrypt` gives.
   *
   * @throws As {@link Session.unseal} and {@link Session.seal}.
   */
  reseal(record: Uint8Array | string, options: AsText<SealOptions>): Promise<string>
  reseal(record: Uint8Array | string, options?: AsBytes<SealOptions>): Promise<Buffer>
  reseal(record: Uint8Array | string, options?: SealOptions): Promise<Buffer | string>

  /**
   * Seals data of any size, in constant memory: a web stream that takes bytes, and strings as UTF-8, and
   * gives the sealed stream, which {@link Session.unsealStream} reads. That is 78 bytes longer than the data, and 16
   * more for each 16 KiB of it.
   *
   * The newest key is loaded when the first data comes, and serves to the end. Until it ends, the stream holds a key
   * and less than 16 KiB of data; both are erased when it ends, fails, is cancelled, or is collected because
   * nobody has it any more. Chunks of more than 64 KiB are sealed on another thread. A stream that was sealed to
   * its end is whole; one that was cut off never opens to its end.
   *
   * `node:stream` takes it too: `pipeline` as it is (the types of Node.js don't know that), everything else as a
   * Duplex, made with `Duplex.fromWeb`.
   *
   * @throws `ERR_SESSION_CLOSED`, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, at once for options. The stream
   * fails with what {@link Session.seal} throws; with `ERR_INVALID_ARG_TYPE` and `ERR_INVALID_ARG_VALUE` for a
   * chunk that is neither bytes nor well-formed text; with `ERR_SESSION_CLOSED` once the session is closed; with
   * `ERR_DATA_TOO_LARGE` after 4 PiB.
   *
   * @example
   * const place = { additionalData: 'backups/2026-11-21' }
   * await pipeline(createReadStream('dump.sql'), session.sealStream(place), createWriteStream('dump.sealed'))
   * await pipeline(createReadStream('dump.sealed'), session.unsealStream(place), createWriteStream('dump.sql'))
   */
  sealStream(options?: StreamOptions): TransformStream<Uint8Array | string, Uint8Array>

  /**
   * The data of a sealed stream: a web stream that takes what {@link Session.sealStream} gave, cut in any way, and
   * gives the data. Every 16 KiB are authenticated before they are given out.
   *
   * What has come out so far is authentic, and stands where it stood; **only the end of the stream says that it is
   * all**. Whoever acts on a part must be ready to undo that when the stream fails later.
   *
   * @throws `ERR_SESSION_CLOSED`, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, at once for options. The stream
   * fails with `ERR_RECORD_INVALID`: no sealed stream, or cut at the border of two chunks; `ERR_DECRYPT_FAILED`:
   * altered, cut, of another place, or other additional data; and with whatever else {@link Session.unseal} throws.
   */
  unsealStream(options?: StreamOptions): TransformStream<Uint8Array, Uint8Array>

  /**
   * The data of a sealed stream from index `start` up to `end`, both in bytes of the data, without reading
   * the rest: the beginning, the last 16 KiB, which say how long the stream is, and those that the range lies in.
   *
   * What a source throws comes through as it is.
   *
   * @throws As {@link Session.unsealStream}. `ERR_INVALID_ARG_VALUE`: `start` past `end`, or `end` past the end of
   * the data; a source that gives more than it was asked for. `ERR_DATA_TOO_LARGE`: a range longer than a Buffer can be.
   *
   * @example
   * const file = await open('dump.sealed')
   * const header = await session.unsealRange(file, 0, 512, { additionalData: 'backups/2026-11-21' })
   */
  unsealRange(
    source: StreamSource,
    start: number,
    end: number,
    options?: RangeOptions,
  ): Promise<Buffer>

  /**
   * Loads the newest key, or makes one, and the keys that `records` name, each once, so that the
   * `…Sync` forms work for them. Records are sealed records and DataRowRecords, as bytes or text, at most 100 000.
   * An outage ends it at once; any other failure when all other keys are loaded.
   *
   * @throws As {@link Session.seal}. `ERR_RECORD_INVALID`, `ERR_PARTITION_MISMATCH`: a record is none
   * of this session's; nothing was loaded. `ERR_KEY_NOT_FOUND` and what else {@link Session.unseal}
   * has for keys: one of them can't be had; the others were loaded.
   *
   * @example
   * await session.warm({ records: rows.map((row) => row.email) })
   * const emails = rows.map((row) => session.unsealStringSync(row.email))
   */
  warm(options?: WarmOptions): Promise<void>

  /** Ends this object's use; other sessions of the partition are not disturbed. */
  close(): void

  /** {@link Session.close}, for `using`. */
  [Symbol.dispose](): void
}

/** What a record says of itself. Nothing of it is authenticated. */
export interface RecordSummary {
  format: 'sealed-record' | 'sealed-stream' | 'data-row-record'
  /** Version of a sealed record or stream. */
  version?: 1
  /** Id of the intermediate key; a sealed record or stream does not hold one. */
  keyId?: string
  /** When the intermediate key was created, in Unix seconds. */
  keyCreated: number
  /** Region suffix of a sealed record or stream, where it has one. */
  suffix?: string
  /**
   * Length of the record in bytes; of a sealed record as text, that of the bytes it stands for; of a sealed
   * stream, of as much of it as was given.
   */
  recordLength: number
  /** Length of the data in bytes; of a sealed stream, of the data in as much of it as was given. */
  plaintextLength: number
}

/**
 * Tells a record's format, key and sizes. Needs no key. Takes bytes, and text: the JSON of a
 * DataRowRecord, or a record sealed with `encoding`. Of a sealed stream the first 110 bytes, or all of a
 * shorter one, are enough.
 *
 * @throws `ERR_RECORD_INVALID`, `ERR_INVALID_ARG_TYPE`.
 */
export function inspect(record: Uint8Array | string): RecordSummary

/** Text for a diff or a patch: a string, or bytes in any encoding that ends lines with `\n`. */
export type TextInput = string | Uint8Array

/** What comes out of texts `A` and `B`: a Buffer if either is a Uint8Array, else a string. */
export type TextOutput<A extends TextInput, B extends TextInput = A> = [A] extends [Uint8Array]
  ? Buffer
  : [B] extends [Uint8Array]
    ? Buffer
    : [A | B] extends [string]
      ? string
      : string | Buffer

/**
 * How the differences are searched.
 *
 * - `'auto'`: close to the shortest diff, never in quadratic time.
 * - `'minimal'`: a shortest diff, whatever it costs; set `deadlineMs` for texts of strangers.
 * - `'patience'`: lines that occur once in each text anchor the diff; good for moved blocks of code.
 * - `'histogram'`: the least frequent common lines anchor it, as in `git diff --histogram`.
 */
export type DiffAlgorithm = 'auto' | 'minimal' | 'patience' | 'histogram'

/** Options of {@link Differ}. */
export interface DifferOptions {
  /** How the differences are searched. @default 'auto' */
  algorithm?: DiffAlgorithm | undefined
  /**
   * Unchanged lines shown around each change, from 0 to 4 294 967 295.
   *
   * @default 3
   */
  context?: number | undefined
  /**
   * Compares without ASCII white space, as `diff -w` does. Unchanged text is then that of the new
   * text in `changes()` and that of the old one in unified diffs.
   *
   * @default false
   */
  ignoreWhitespace?: boolean | undefined
  /** Compares without regard to upper and lower case. @default false */
  ignoreCase?: boolean | undefined
  /**
   * Milliseconds that one search may take, from 0 to 2 147 483 647. Then the diff is completed
   * coarsely: still valid, with `exact: false`. The time a call waits for a free processor isn't
   * counted.
   *
   * @default none; all algorithms but 'minimal' stop after about a second of search
   */
  deadlineMs?: number | undefined
  /**
   * Bytes that a {@link Differ.batch} may hold at once, from 1: pairs that are being worked on, with the
   * copies and tables that this takes, and results that have not been asked for. An estimate. A pair that
   * is larger is worked on alone.
   *
   * @default 268 435 456 (256 MiB)
   */
  maxMemoryBytes?: number | undefined
  /**
   * Pairs that a {@link Differ.batch} works on at once, from 1 to 1024. At any time one processor less than there
   * are works on diffs, at least one: the event loop has the last.
   *
   * @default the number of processors less one, at least one
   */
  concurrency?: number | undefined
}

/** Options of the promise forms of {@link Differ}. */
export interface DiffCallOptions {
  /** Stops the work; the promise then rejects with an `AbortError` (`ABORT_ERR`). */
  signal?: AbortSignal | undefined
}

/** What stands before the hunks of a unified diff. Names are quoted as the tool would do. */
export interface UnifiedHeader {
  /**
   * `'plain'`: lines `---` and `+++` with the names, as GNU diff writes them, without times.
   * `'git'`: `diff --git` with modes, and the names prefixed with `a/` and `b/`.
   *
   * @default 'plain'
   */
  style?: 'plain' | 'git' | undefined
  /** Path of the old file; `null` if there is none: the file is added (`/dev/null`). */
  oldName: string | Uint8Array | null
  /** Path of the new file; `null` if there is none: the file is deleted (`/dev/null`). */
  newName: string | Uint8Array | null
  /**
   * Mode of the old file as git has it, for example `0o100644`; style `'git'` only.
   *
   * @default 0o100644 for a file that is deleted, else unknown
   */
  oldMode?: number | undefined
  /**
   * Mode of the new file; style `'git'` only.
   *
   * @default 0o100644 for a file that is added, else unknown
   */
  newMode?: number | undefined
}

/** Options of {@link TextDiff.unified} and {@link Differ.unifiedSync}. */
export interface UnifiedOptions {
  /** Unchanged lines shown around each change. @default the differ's */
  context?: number | undefined
  /** What stands before the hunks. @default nothing */
  header?: UnifiedHeader | undefined
  /**
   * Names the function after the second `@@`, as git does: the nearest earlier line of the old text that
   * begins with an ASCII letter, `_` or `$`, at most 80 bytes of it.
   *
   * @default false
   */
  showFunction?: boolean | undefined
}

/** Options of {@link Differ.unified}. */
export interface UnifiedCallOptions extends UnifiedOptions, DiffCallOptions {}

/** Options of {@link Differ.deltaSync}. */
export interface DeltaOptions {
  /**
   * How hard to look, from 1 to 19, as zstd's levels. Above 9 a delta of megabytes takes seconds.
   *
   * @default 3
   */
  level?: number | undefined
}

/** Options of {@link Differ.delta}. */
export interface DeltaCallOptions extends DeltaOptions, DiffCallOptions {}

/** Options of {@link Differ.applyDeltaSync}. */
export interface ApplyDeltaOptions {
  /**
   * The longest result, in bytes, from 0: a delta of some kilobytes can lead to gigabytes. Set it to what
   * you expect where deltas come from strangers.
   *
   * @default 268 435 456 (256 MiB)
   */
  maxOutputBytes?: number | undefined
}

/** Options of {@link Differ.applyDelta}. */
export interface ApplyDeltaCallOptions extends ApplyDeltaOptions, DiffCallOptions {}

/** What {@link Differ.batch} can do with a pair: the methods of those names. */
export type BatchKind =
  | 'lines'
  | 'words'
  | 'chars'
  | 'graphemes'
  | 'sentences'
  | 'unified'
  | 'delta'
  | 'json'
  | 'merge'

/** Two inputs of a {@link Differ.batch}, with a key by which to know the result, or without. */
export type BatchPair<A, B = A, K = unknown> = { key?: K; old: A; new: B } | readonly [A, B]

/** The three texts of a merge for a {@link Differ.batch}, with a key by which to know the result, or without. */
export type BatchTriple<A, B = A, C = A, K = unknown> =
  | { key?: K; base: A; ours: B; theirs: C }
  | readonly [A, B, C]

/** Where a {@link Differ.batch} takes its pairs from: an array, a generator, a stream of objects. */
export type BatchPairs<A, B = A, K = unknown> =
  | Iterable<BatchPair<A, B, K> | Promise<BatchPair<A, B, K>>>
  | AsyncIterable<BatchPair<A, B, K>>

/** Where a {@link Differ.batch} of merges takes its texts from, as {@link BatchPairs}. */
export type BatchTriples<A, B = A, C = A, K = unknown> =
  | Iterable<BatchTriple<A, B, C, K> | Promise<BatchTriple<A, B, C, K>>>
  | AsyncIterable<BatchTriple<A, B, C, K>>

/** What became of a pair, as `Promise.allSettled` tells it; with the pair's `key` if it had one. */
export type BatchResult<V, K = unknown> =
  | { status: 'fulfilled'; value: V; key?: K }
  | { status: 'rejected'; reason: unknown; key?: K }

/**
 * Compares texts. Holds options only, so one object serves any number of calls at once.
 *
 * Texts are strings or Uint8Arrays of up to 4 GiB. If either is a Uint8Array, results hold Buffers,
 * else strings; lone surrogates and invalid UTF-8 survive. Promise forms copy both texts before they
 * return and work on another thread, at most as many at once as there are processors.
 *
 * Errors of every method: `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_DATA_TOO_LARGE` (a
 * text above 4 GiB, or a result that V8 can't hold); of the promise forms also `ABORT_ERR`.
 *
 * @example
 * const differ = new Differ({ context: 1 })
 * console.log(await differ.unified('one\ntwo\n', 'one\nthree\n'))
 * // @@ -1,2 +1,2 @@
 * //  one
 * // -two
 * // +three
 */
export class Differ {
  /**
   * @param options apply to every call
   * @example
   * new Differ({ algorithm: 'minimal', deadlineMs: 200 })
   */
  constructor(options?: DifferOptions)

  /**
   * Compares by lines. Only `\n` ends a line; `\r` is content.
   *
   * @example
   * const diff = await new Differ().lines('a\nb\n', 'a\nc\n')
   * diff.stats.added // 1
   */
  lines<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
    options?: DiffCallOptions,
  ): Promise<TextDiff<TextOutput<A, B>>>
  /**
   * Compares by lines on this thread.
   *
   * @example
   * new Differ().linesSync('a\nb\n', 'a\nc\n').changes()
   */
  linesSync<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
  ): TextDiff<TextOutput<A, B>>

  /**
   * Compares by words: runs of letters, digits and `_`; runs of white space; line ends; every other
   * character alone.
   *
   * @example
   * const diff = await new Differ().words('the old word', 'the new word')
   * diff.changes().map(({ value, added, removed }) => (added ? `+${value}` : removed ? `-${value}` : value))
   * // ['the ', '-old', '+new', ' word']
   */
  words<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
    options?: DiffCallOptions,
  ): Promise<TextDiff<TextOutput<A, B>>>
  /**
   * Compares by words on this thread.
   *
   * @example
   * new Differ({ ignoreCase: true }).wordsSync('One', 'one').stats.similarity // 1
   */
  wordsSync<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
  ): TextDiff<TextOutput<A, B>>

  /**
   * Compares by characters (Unicode code points). For texts of more than some hundred kilobytes,
   * compare by words or lines.
   *
   * @example
   * (await new Differ().chars('cat', 'cut')).stats.removed // 1
   */
  chars<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
    options?: DiffCallOptions,
  ): Promise<TextDiff<TextOutput<A, B>>>
  /**
   * Compares by characters on this thread.
   *
   * @example
   * new Differ().charsSync('cat', 'cut').changes().length // 4: 'c', '-a', '+u', 't'
   */
  charsSync<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
  ): TextDiff<TextOutput<A, B>>

  /**
   * Compares by grapheme clusters: what a reader takes for one character, as a letter with its
   * accents or a flag (Unicode, UAX #29). For texts of more than some hundred kilobytes, compare by
   * words or lines.
   *
   * @example
   * const diff = await new Differ().graphemes('🇨🇭 café', '🇩🇪 café')
   * diff.changes()[0] // { value: '🇨🇭', count: 1, added: false, removed: true }
   */
  graphemes<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
    options?: DiffCallOptions,
  ): Promise<TextDiff<TextOutput<A, B>>>
  /**
   * Compares by grapheme clusters on this thread.
   *
   * @example
   * new Differ().graphemesSync('👩‍🚀', '👨‍🚀').stats.removed // 1
   */
  graphemesSync<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
  ): TextDiff<TextOutput<A, B>>

  /**
   * Compares by sentences, each with the white space after it (Unicode, UAX #29); a line end always
   * ends one.
   *
   * @example
   * const diff = await new Differ().sentences('It rains. We stay.', 'It rains. We go.')
   * diff.changes()[1].value // 'We stay.'
   */
  sentences<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
    options?: DiffCallOptions,
  ): Promise<TextDiff<TextOutput<A, B>>>
  /**
   * Compares by sentences on this thread.
   *
   * @example
   * new Differ().sentencesSync('One. Two.', 'One. Three.').stats.unchanged // 1
   */
  sentencesSync<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
  ): TextDiff<TextOutput<A, B>>

  /**
   * Merges the changes that led from `base` to `ours` and to `theirs`, as `git merge-file` does:
   * changes conflict when they overlap or touch, unless they are identical. A conflict is no error;
   * it stands in the text between markers, and in `conflicts`.
   *
   * What the differ ignores is no change, and our version of it is taken. Where lines repeat, git
   * may choose another of several equally short diffs, and so place a conflict otherwise.
   *
   * @example
   * const { text, isClean } = await new Differ().merge('1\n2\n3\n', 'one\n2\n3\n', '1\n2\nthree\n')
   * text // 'one\n2\nthree\n'
   * isClean // true
   */
  merge<A extends TextInput, B extends TextInput, C extends TextInput>(
    base: A,
    ours: B,
    theirs: C,
    options?: MergeCallOptions,
  ): Promise<MergeResult<TextOutput<TextOutput<A, B>, C>>>
  /**
   * Merges on this thread.
   *
   * @example
   * new Differ().mergeSync('a\n', 'b\n', 'c\n', { labels: { ours: 'HEAD', theirs: 'topic' } }).text
   * // '<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\n'
   */
  mergeSync<A extends TextInput, B extends TextInput, C extends TextInput>(
    base: A,
    ours: B,
    theirs: C,
    options?: MergeOptions,
  ): MergeResult<TextOutput<TextOutput<A, B>, C>>

  /**
   * Gives the unified diff as GNU diff and git write it; keeps nothing. Equal texts give an empty
   * one, unless a git header has a change of mode to tell.
   *
   * Further errors: `ERR_INVALID_ARG_VALUE` for a header without any name.
   *
   * @example
   * await new Differ().unified(before, after, {
   *   header: { style: 'git', oldName: 'src/app.js', newName: 'src/app.js' },
   *   signal: AbortSignal.timeout(1000),
   * })
   */
  unified<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
    options?: UnifiedCallOptions,
  ): Promise<TextOutput<A, B>>
  /**
   * Gives the unified diff on this thread. Buffers are read in place, so they are the quickest.
   *
   * @example
   * new Differ().unifiedSync('one\n', 'two\n') // '@@ -1 +1 @@\n-one\n+two\n'
   */
  unifiedSync<A extends TextInput, B extends TextInput>(
    oldText: A,
    newText: B,
    options?: UnifiedOptions,
  ): TextOutput<A, B>

  /**
   * Makes the delta that leads from some bytes to others: any bytes, compactly. For executables, images of
   * disks, archives that aren't compressed; of formats that are, little stays the same. Same bytes give the
   * same delta with the same version of this package. docs/delta-format.md says what it holds.
   *
   * An abort rejects at once; the work ends at the next quarter of a megabyte of the new bytes, once the old ones
   * are indexed: that takes up to 0.3 s a megabyte at level 19, hundredths of it at the default.
   *
   * Further errors: `ERR_DATA_TOO_LARGE` if the inputs are longer than 2 GiB together.
   *
   * @example
   * const delta = await differ.delta(release1, release2)
   * const copy = await differ.applyDelta(release1, delta) // equals release2
   */
  delta(oldBytes: Uint8Array, newBytes: Uint8Array, options?: DeltaCallOptions): Promise<Buffer>
  /**
   * Makes the delta on this thread.
   *
   * @example
   * new Differ().deltaSync(Buffer.from('old'), Buffer.from('new'), { level: 9 })
   */
  deltaSync(oldBytes: Uint8Array, newBytes: Uint8Array, options?: DeltaOptions): Buffer

  /**
   * Applies a delta to the bytes that it was made from; gives the bytes that it leads to.
   *
   * The result is checked before it is given, by checksums that find accidents. They are no protection from
   * people: who can alter a delta decides what comes out, so seal it, or sign it.
   *
   * Further errors: `ERR_DELTA_MISMATCH` for other old bytes; `ERR_DELTA_INVALID` for what is no delta, is
   * damaged or was cut; `ERR_DATA_TOO_LARGE` if the result is longer than `maxOutputBytes`.
   *
   * @example
   * await differ.applyDelta(release1, delta, { maxOutputBytes: 50_000_000 })
   */
  applyDelta(
    oldBytes: Uint8Array,
    delta: Uint8Array,
    options?: ApplyDeltaCallOptions,
  ): Promise<Buffer>
  /**
   * Applies a delta on this thread.
   *
   * @example
   * new Differ().applyDeltaSync(oldBytes, delta)
   */
  applyDeltaSync(oldBytes: Uint8Array, delta: Uint8Array, options?: ApplyDeltaOptions): Buffer

  /**
   * Works on many pairs, off this thread: at most `concurrency` at once, within `maxMemoryBytes`. The next
   * pair is pulled when there is room for one like the last, so the pairs may be a stream that never ends.
   *
   * Results come in the order of the pairs. A pair that fails, whatever it is, spoils its own result only.
   * If the iterable throws, the results of the pairs before come first. Leaving the loop ends the work and
   * closes the iterable, as `for await` over it would. Begins with the first result that is asked for.
   *
   * Arguments of wrong types are thrown at once. With `signal`, the loop throws an `AbortError`.
   *
   * @param pairs objects `{ key?, old, new }`, or arrays `[old, new]`; of merges `{ key?, base, ours, theirs }`, or
   *   `[base, ours, theirs]`
   * @param kind the method to call for each
   * @param options those of the method, for all pairs
   * @example
   * const pairs = files.map(({ path, before, after }) => ({ key: path, old: before, new: after }))
   * for await (const { status, key, value, reason } of differ.batch(pairs, 'unified')) {
   *   console.log(key, status === 'fulfilled' ? value : reason)
   * }
   */
  batch<A extends TextInput, B extends TextInput, K = unknown>(
    pairs: BatchPairs<A, B, K>,
    kind: 'lines' | 'words' | 'chars' | 'graphemes' | 'sentences',
    options?: DiffCallOptions,
  ): AsyncGenerator<BatchResult<TextDiff<TextOutput<A, B>>, K>, undefined, undefined>
  batch<A extends TextInput, B extends TextInput, K = unknown>(
    pairs: BatchPairs<A, B, K>,
    kind: 'unified',
    options?: UnifiedCallOptions,
  ): AsyncGenerator<BatchResult<TextOutput<A, B>, K>, undefined, undefined>
  batch<K = unknown>(
    pairs: BatchPairs<Uint8Array, Uint8Array, K>,
    kind: 'delta',
    options?: DeltaCallOptions,
  ): AsyncGenerator<BatchResult<Buffer, K>, undefined, undefined>
  /**
   * Compares many pairs of documents. A value is made text when its pair is pulled, on this thread, and counts with
   * that text; `maxMemoryBytes` knows nothing of the value.
   *
   * @example
   * for await (const { key, value } of differ.batch(objects, 'json', { ignore: ['/status/**'] })) {
   *   if (value?.patch.length > 0) await store(key, value.patch)
   * }
   */
  batch<K = unknown>(
    pairs: BatchPairs<unknown, unknown, K>,
    kind: 'json',
    options?: JsonCallOptions,
  ): AsyncGenerator<BatchResult<JsonDiff, K>, undefined, undefined>
  /**
   * Merges many texts. A conflict is no failure.
   *
   * @example
   * const files = paths.map((path) => ({ key: path, base: base[path], ours: ours[path], theirs: theirs[path] }))
   * for await (const { key, value } of differ.batch(files, 'merge', { style: 'zdiff3' })) {
   *   console.log(key, value?.conflicts.length)
   * }
   */
  batch<A extends TextInput, B extends TextInput, C extends TextInput, K = unknown>(
    triples: BatchTriples<A, B, C, K>,
    kind: 'merge',
    options?: MergeCallOptions,
  ): AsyncGenerator<
    BatchResult<MergeResult<TextOutput<TextOutput<A, B>, C>>, K>,
    undefined,
    undefined
  >

  /**
   * Compares two documents as values: white space, the order of keys and the escapes of strings
   * don't count. A string or a Uint8Array (UTF-8) is text, of JSON or, with `format: 'yaml'`, of YAML;
   * anything else is a value, taken as `JSON.stringify` writes it. Any depth; numbers are never
   * rounded. Of the differ's options `deadlineMs` counts, for arrays, and all but `ignoreCase` and
   * `ignoreWhitespace` for `unified()`. See docs/json.md.
   *
   * Errors: `ERR_DOCUMENT_INVALID` names the document and the line; `ERR_INVALID_ARG_VALUE` for a value
   * that JSON can't hold (its `cause` is what was thrown) and for a pointer of `ignore` that is none;
   * `ERR_DATA_TOO_LARGE` above 2 GiB.
   *
   * @example
   * const diff = await new Differ().json(before, after, { ignore: ['/metadata/managedFields', '/status/**'] })
   * diff.paths // ['/spec/replicas']
   * diff.patch // [{ op: 'replace', path: '/spec/replicas', value: 3 }]
   * console.log(diff.unified())
   */
  json(oldDoc: unknown, newDoc: unknown, options?: JsonCallOptions): Promise<JsonDiff>
  /**
   * Compares two documents on this thread.
   *
   * @example
   * new Differ().jsonSync({ list: [1, 2, 3] }, { list: [2, 3] }).patch // [{ op: 'remove', path: '/list/0' }]
   */
  jsonSync(oldDoc: unknown, newDoc: unknown, options?: JsonOptions): JsonDiff
}

/** Options of {@link Differ.jsonSync}. */
export interface JsonOptions {
  /** The syntax of documents that are text. @default 'json' */
  format?: 'json' | 'yaml' | undefined
  /**
   * JSON Pointers to what is left out of both documents. `*` stands for any key or index; `**` for any
   * number of them, at the end of a pointer for one or more: `/status/**` is all that is in `status`.
   * The pointers may have 1000 steps together.
   *
   * @default []
   */
  ignore?: readonly string[] | undefined
  /**
   * Members by which the items of an array are told apart, `'name'` or `['id', 'name']`: of each array
   * the first that every item has, with a string, a number, a boolean or null, and no two of a side
   * alike. Items of other arrays are matched by what they hold.
   *
   * @default []
   */
  arrayKey?: string | readonly string[] | undefined
  /** Leaves members that are null out of objects. @default false */
  dropNulls?: boolean | undefined
  /** Puts a `test` of the old value before each operation that removes or replaces it. @default false */
  tests?: boolean | undefined
  /**
   * `'exact'`: numbers are as they were written. `'flanksource'`: `unified()` is as Flanksource's
   * config-db writes it: nulls dropped, numbers with a fraction rounded, names `before` and `after`.
   *
   * @default 'exact'
   */
  profile?: 'exact' | 'flanksource' | undefined
}

/** Options of {@link Differ.json}. */
export interface JsonCallOptions extends JsonOptions, DiffCallOptions {}

/** What JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | JsonValue[]
  | { [key: string]: JsonValue }

/** An operation of a JSON Patch (RFC 6902). */
export type JsonPatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: JsonValue }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; path: string; from: string }

/** How many values changed, by kind. */
export interface JsonSummary {
  /** Values that only the new document has. */
  added: number
  /** Values that only the old document has. */
  removed: number
  /** Values that became others. */
  replaced: number
}

/**
 * The difference of two documents, as {@link Differ.json} gives it. It keeps both as text: strings as
 * they are, and copies of bytes.
 *
 * Getters that give an object give the same one each time.
 */
export class JsonDiff {
  private constructor()
  /**
   * The JSON Patch (RFC 6902) that turns the old document into the new one; empty if they are equal. It
   * has operations `add`, `remove` and `replace`, and `test` if it was asked for. Where a patch would
   * be over 1 KiB longer than the value that it changes, that value is replaced as a whole. Numbers are
   * JavaScript's; `patchText` keeps all digits.
   *
   * @example
   * applyJsonPatch(oldDoc, diff.patch)
   */
  readonly patch: JsonPatchOperation[]
  /** The JSON Patch as text, numbers as they were written. */
  readonly patchText: string
  /**
   * The merge patch (RFC 7396); `undefined` if there is none, because it can't set a member of an
   * object to null. It is made from both documents when it is first asked for.
   */
  readonly mergePatch: JsonValue | undefined
  /** The merge patch as text, numbers as they were written. */
  readonly mergePatchText: string | undefined
  /**
   * Pointers to what changed, each once, in the order of the patch: to what was removed as it is found
   * in the old document, to the rest as it is found in the new one.
   */
  readonly paths: string[]
  /** Operations of the patch by kind, without tests. */
  readonly summary: JsonSummary
  /** `false` if the deadline came first: the patch is longer than it could be, and still valid. */
  readonly exact: boolean

  /**
   * Gives the unified diff of both documents' normalised text: keys sorted, an indent of two spaces,
   * what is ignored left out, numbers as they were written.
   *
   * @example
   * diff.unified({ header: { oldName: 'live.json', newName: 'wanted.json' } })
   */
  unified(options?: UnifiedOptions): string
}

/** Options of {@link Differ.mergeSync}. */
export interface MergeOptions {
  /**
   * How a conflict is written.
   *
   * - `'merge'`: both sides. Lines that both have are taken out of it, which may split it; conflicts
   *   with at most three lines between them, or lines without letters and digits, become one.
   * - `'diff3'`: both sides, and the base between them, in one piece.
   * - `'zdiff3'`: as `'diff3'`, without the lines that both sides begin and end with.
   *
   * @default 'merge'
   */
  style?: 'merge' | 'diff3' | 'zdiff3' | undefined
  /** What stands behind the markers, without line ends; `''` for nothing. */
  labels?:
    | {
        /** Behind `|||||||`. @default 'base' */
        base?: string | undefined
        /** Behind `<<<<<<<`. @default 'ours' */
        ours?: string | undefined
        /** Behind `>>>>>>>`. @default 'theirs' */
        theirs?: string | undefined
      }
    | undefined
}

/** Options of {@link Differ.merge}. */
export interface MergeCallOptions extends MergeOptions, DiffCallOptions {}

/** What {@link Differ.merge} gives. */
export interface MergeResult<T extends string | Buffer = string> {
  /** The merged text; a Buffer if any of the three was a Uint8Array. */
  text: T
  /** The conflicts, from top to bottom. */
  conflicts: MergeConflict[]
  /** There are no conflicts. */
  isClean: boolean
  /** `false` if a search was cut short: conflicts may be more or larger than they had to be. */
  exact: boolean
}

/**
 * A place where both sides changed the base, each in its own way. Lines count from 1; an empty range
 * names the line before it, so 0 at the top.
 */
export interface MergeConflict {
  /** Line of the merged text with the marker `<<<<<<<`. */
  start: number
  /** Lines of the merged text, all markers included. */
  lines: number
  /** First line of the base; of the whole conflict, where style `'merge'` split it. */
  baseStart: number
  /** Lines of the base. */
  baseLines: number
  /** First line of our side. */
  oursStart: number
  /** Lines of our side. */
  oursLines: number
  /** First line of their side. */
  theirsStart: number
  /** Lines of their side. */
  theirsLines: number
}

/** Numbers about a {@link TextDiff}, in the unit that was compared: lines, words and so on. */
export interface DiffStats {
  /** Units of the new text only. */
  added: number
  /** Units of the old text only. */
  removed: number
  /** Units that both texts have. */
  unchanged: number
  /** Groups of changes, for the differ's `context`. */
  hunks: number
  /** Twice the unchanged units, divided by the units of both texts: 0 to 1; 1 for two empty texts. */
  similarity: number
}

/** A stretch of a diff, in the shape of the npm package `diff`. */
export interface Change<T extends string | Uint8Array = string> {
  /** The text; that of the new side where it is on both. */
  value: T
  /** Units in it: lines, words and so on. */
  count: number
  /** Only the new text has it. */
  added: boolean
  /** Only the old text has it. */
  removed: boolean
}

/**
 * A group of changed lines with the unchanged lines around them. The four numbers are those of its
 * `@@` line: the first line is 1, and an empty side names the line before it, so 0 at the top (the
 * npm package `diff` adds 1 there).
 */
export interface Hunk<T extends string | Uint8Array = string> {
  /** First line of the old side. */
  oldStart: number
  /** Lines of the old side. */
  oldLines: number
  /** First line of the new side. */
  newStart: number
  /** Lines of the new side. */
  newLines: number
  /** What follows the second `@@`, often the name of a function; absent if nothing does. */
  section?: T | undefined
  /**
   * The lines without their `\n`, each behind its sign: a space, `-` or `+`. After a last line that
   * has no `\n` stands `\ No newline at end of file`.
   */
  lines: T[]
  /**
   * For each of `lines`, the parts that changed within it, as `[start, end]` of that string or Buffer:
   * `line.slice(start, end)`. Words, or characters of words that are much alike. Empty for a line
   * that is unchanged or changed as a whole. Only of `hunks({ inline: true })`.
   */
  inline?: [start: number, end: number][][] | undefined
}

/** Options of {@link TextDiff.hunks}. */
export interface HunkOptions {
  /** Unchanged lines around each change. @default the differ's */
  context?: number | undefined
  /**
   * Whether {@link Hunk.inline} is given. The differ's `deadlineMs` bounds the search for all lines;
   * those that it leaves no time for are changed as a whole, and so are stretches of over 64 KiB.
   *
   * @default false
   */
  inline?: boolean | undefined
}

/** Options of {@link TextDiff.ansi}. */
export interface AnsiOptions {
  /** Unchanged lines shown around each change. @default the differ's */
  context?: number | undefined
  /** Name of the old text, for a header; needs `newName`. @default no header */
  oldName?: string | undefined
  /** Name of the new text; needs `oldName`. */
  newName?: string | undefined
}

/** Options of {@link TextDiff.html}. */
export interface HtmlOptions {
  /** The page's title. @default 'Differences' */
  title?: string | undefined
  /** Name of the old text; needs `newName`. @default none is shown */
  oldName?: string | undefined
  /** Name of the new text; needs `oldName`. */
  newName?: string | undefined
  /** Unchanged lines shown around each change; the others are folded. @default the differ's */
  context?: number | undefined
  /** The view that the page opens in; narrow windows always show `'inline'`. @default 'side-by-side' */
  view?: 'side-by-side' | 'inline' | undefined
  /**
   * The longest page in bytes of UTF-8, from 1 to 536 870 888. One that would be longer leaves out
   * the unchanged text that it would fold; if that isn't enough, `ERR_DATA_TOO_LARGE`.
   *
   * @default 16 777 216
   */
  maxHtmlBytes?: number | undefined
}

/** Options of {@link TextDiff.htmlAsync}. */
export interface HtmlCallOptions extends HtmlOptions, DiffCallOptions {}

/**
 * The difference of two texts, as {@link Differ} gives it. It keeps both: strings as they are, and
 * copies of bytes. Nothing is turned into JavaScript objects before it is asked for, and then each
 * time anew.
 *
 * The type parameter is that of the values it gives: `string`, or `Buffer` if either text was a
 * Uint8Array.
 */
export class TextDiff<T extends string | Buffer = string> {
  private constructor()

  /** Counts of what changed. */
  readonly stats: DiffStats
  /** `false` if the search was cut short: the diff is valid, but coarser than it could be. */
  readonly exact: boolean

  /**
   * Gives the edit script as numbers, five an operation: tag (0 equal, 1 delete, 2 insert), old
   * start, old length, new start, new length; lines, words or characters counted from 0.
   *
   * @example
   * new Differ().linesSync('a\nb\n', 'a\n').ops() // [0, 0, 1, 0, 1,  1, 1, 1, 1, 0]
   */
  ops(): Uint32Array
  /**
   * Gives the texts in stretches. Those not `added` make up the old text (up to what was ignored),
   * those not `removed` the new one.
   *
   * @example
   * new Differ().wordsSync('a b', 'a c').changes()
   * // [{ value: 'a ', count: 2, added: false, removed: false }, { value: 'b', … removed: true }, …]
   */
  changes(): Change<T>[]
  /**
   * Gives the hunks of a diff by lines.
   *
   * Errors: `ERR_DIFF_NOT_LINES` for a diff by any other unit.
   *
   * @param options a number is the context
   * @example
   * new Differ().linesSync('a\n', 'b\n').hunks()[0].lines // ['-a', '+b']
   * @example
   * const [hunk] = new Differ().linesSync('one two\n', 'one 2\n').hunks({ inline: true })
   * hunk.lines.map((line, at) => hunk.inline[at].map(([start, end]) => line.slice(start, end)))
   * // [['two'], ['2']]
   */
  hunks(options?: number | HunkOptions): Hunk<T>[]
  /**
   * Gives the unified diff of a diff by lines.
   *
   * Errors: `ERR_DIFF_NOT_LINES` for a diff by any other unit; `ERR_DATA_TOO_LARGE`.
   *
   * @example
   * diff.unified({ header: { oldName: 'a.txt', newName: 'b.txt' } })
   */
  unified(options?: UnifiedOptions): T
  /**
   * Gives the diff for a terminal, in colours: by lines the hunks, with changed words in reverse; by
   * any other unit the whole text. Empty if nothing changed.
   *
   * Whatever the texts hold, only colours reach the terminal: controls, direction marks, invisible
   * characters and invalid UTF-8 are shown by their number, underlined (`\x1b`, `\u{202e}`).
   *
   * @example
   * process.stdout.write(diff.ansi({ oldName: 'a.txt', newName: 'b.txt' }))
   */
  ansi(options?: AnsiOptions): string
  /**
   * Gives the diff as a web page: one document without script that loads nothing, light or dark as
   * the reader has it. By lines it can be seen side by side or inline, with changed words marked and
   * unchanged stretches folded; by any other unit it is the text with its changes.
   *
   * Every byte of the texts stays text, and what a reader couldn't see is shown by its number.
   *
   * Errors: `ERR_DATA_TOO_LARGE` for changes that don't fit `maxHtmlBytes`.
   *
   * @example
   * await writeFile('diff.html', diff.html({ title: 'Release 2', oldName: 'v1', newName: 'v2' }))
   */
  html(options?: HtmlOptions): string
  /**
   * As {@link TextDiff.html}, on another thread.
   *
   * @example
   * const page = await diff.htmlAsync({ signal: AbortSignal.timeout(1000) })
   */
  htmlAsync(options?: HtmlCallOptions): Promise<string>
}

/** What git says of a file before its hunks. Members that it doesn't say are absent. */
export interface GitHeader<T extends string | Uint8Array = string> {
  /** First name on the `diff --git` line, with its prefix (`a/`). */
  oldName: T
  /** Second name, with its prefix (`b/`). */
  newName: T
  /** Mode of the old file, for example `0o100644`. */
  oldMode?: number | undefined
  /** Mode of the new file. */
  newMode?: number | undefined
  /** The file is added. */
  isNew: boolean
  /** The file is deleted. */
  isDeleted: boolean
  /** `similarity index`, in percent. */
  similarity?: number | undefined
  /** `dissimilarity index`, in percent. */
  dissimilarity?: number | undefined
  /** `rename from`, without a prefix. */
  renameFrom?: T | undefined
  /** `rename to`. */
  renameTo?: T | undefined
  /** `copy from`. */
  copyFrom?: T | undefined
  /** `copy to`. */
  copyTo?: T | undefined
  /** The `index` line: abbreviated object names, and the mode if it doesn't change. */
  index?: { old: T; new: T; mode?: number | undefined } | undefined
}

/**
 * The changes of one file, as {@link parsePatch} gives them. It is a plain object: make or change one
 * as you like; the functions that take it check it. Its texts are strings, or Buffers if the patch
 * was bytes.
 */
export interface Patch<T extends string | Uint8Array = string> {
  /** Name on the `---` line, unquoted; `/dev/null` for a file that is added; `null` without names. */
  oldName: T | null
  /** Name on the `+++` line; `null` only together with `oldName`. */
  newName: T | null
  /** What follows the old name after a TAB: a time, or a revision. */
  oldHeader?: T | undefined
  /** What follows the new name after a TAB. */
  newHeader?: T | undefined
  /** Name on an `Index:` line, as svn and the npm package `diff` write it. */
  index?: T | undefined
  /** What git says before the names. */
  git?: GitHeader<T> | undefined
  /** The contents are binary: there are no hunks, and the patch can't be applied. */
  isBinary: boolean
  /** The changes, in order. */
  hunks: Hunk<T>[]
}

/** Options of {@link applyPatch}. */
export interface ApplyPatchOptions {
  /**
   * Lines of context that may be left out at each end of a hunk, as with `patch -F`.
   *
   * @default 0
   */
  fuzz?: number | undefined
  /**
   * How many lines away from its place a hunk may fit.
   *
   * @default anywhere
   */
  maxOffset?: number | undefined
  /**
   * `'exact'`: the line ends of the patch must be those of the text. `'follow-text'`: if all lines
   * of the text end alike, in `\n` or in `\r\n`, those of the patch are made to end so too.
   *
   * @default 'exact'
   */
  lineEndings?: 'exact' | 'follow-text' | undefined
}

/**
 * Parses what git, GNU diff, svn and the npm package `diff` write: any number of files, with other
 * text before and between them, which is skipped. Takes linear time whatever the text holds.
 *
 * Errors: `ERR_PATCH_INVALID` with the line in its message; `ERR_INVALID_ARG_TYPE`.
 *
 * @example
 * const [patch] = parsePatch('--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n')
 * patch.hunks[0].lines // ['-x', '+y']
 */
export function parsePatch<A extends TextInput>(text: A): Patch<TextOutput<A>>[]

/**
 * Applies the patch of one file to a text, all of it or none. A hunk that doesn't fit where it says
 * is looked for elsewhere, nearest first. An empty patch changes nothing.
 *
 * Gives a Buffer if the text or the patch is bytes, else a string.
 *
 * Errors: `ERR_PATCH_MISMATCH` names the hunk that doesn't fit; `ERR_PATCH_INVALID`;
 * `ERR_PATCH_TARGET_EXISTS` (it adds a file, but the text isn't empty); `ERR_PATCH_BINARY`;
 * `ERR_PATCH_SEARCH_LIMIT`; `ERR_INVALID_ARG_VALUE` if a patch text holds several files: parse it, and
 * apply each of its patches to its file.
 *
 * @param patch a {@link Patch}, or the text of one
 * @example
 * applyPatch('one\n', '@@ -1 +1 @@\n-one\n+two\n') // 'two\n'
 */
export function applyPatch(
  text: string,
  patch: string | Patch<string>,
  options?: ApplyPatchOptions,
): string
export function applyPatch(
  text: Uint8Array,
  patch: TextInput | Patch<string> | Patch<Uint8Array>,
  options?: ApplyPatchOptions,
): Buffer
export function applyPatch(
  text: TextInput,
  patch: Uint8Array | Patch<Uint8Array>,
  options?: ApplyPatchOptions,
): Buffer
export function applyPatch(
  text: TextInput,
  patch: TextInput | Patch<string> | Patch<Uint8Array>,
  options?: ApplyPatchOptions,
): string | Buffer

/**
 * Gives the patch that undoes another one. Several patches are undone from the last to the first.
 *
 * Errors: `ERR_PATCH_INVALID` and `ERR_INVALID_ARG_TYPE` for a patch that isn't consistent.
 *
 * @example
 * const [patch] = parsePatch(text)
 * applyPatch(applyPatch(old, patch), reversePatch(patch)) === old
 */
export function reversePatch(patch: Patch<string>): Patch<string>
export function reversePatch(patch: Patch<Uint8Array>): Patch<Buffer>
export function reversePatch(patches: Patch<string>[]): Patch<string>[]
export function reversePatch(patches: Patch<Uint8Array>[]): Patch<Buffer>[]

/**
 * Gives patches as one text, which {@link parsePatch} reads back as they were. A Buffer if they hold
 * bytes, else a string.
 *
 * Errors: `ERR_PATCH_INVALID` and `ERR_INVALID_ARG_TYPE` for a patch that isn't consistent.
 *
 * @example
 * formatPatch(parsePatch(text).filter((patch) => !patch.isBinary))
 */
export function formatPatch(patch: Patch<string> | Patch<string>[]): string
export function formatPatch(patch: Patch<Uint8Array> | Patch<Uint8Array>[]): Buffer

/**
 * Applies a JSON Patch (RFC 6902) to a document, all of it or nothing. The document comes back as it
 * came: text as text, bytes as a Buffer, a value as a new value. Text keeps the order of keys and the
 * digits of numbers, and loses white space. `test` compares numbers by their value.
 *
 * Errors: `ERR_DOCUMENT_INVALID`; `ERR_PATCH_INVALID` for a patch that is none, or that copies more than a
 * million values that it has edited; `ERR_PATCH_MISMATCH` names the operation that doesn't fit;
 * `ERR_INVALID_ARG_VALUE` for a value that JSON can't hold; `ERR_DATA_TOO_LARGE`.
 *
 * @param doc JSON text, or a value
 * @param patch JSON text, or a value
 * @example
 * applyJsonPatch({ a: [1, 2] }, [{ op: 'remove', path: '/a/0' }]) // { a: [2] }
 */
export function applyJsonPatch(doc: string, patch: unknown): string
export function applyJsonPatch(doc: Uint8Array, patch: unknown): Buffer
export function applyJsonPatch(doc: unknown, patch: unknown): JsonValue | Buffer

/**
 * Applies a merge patch (RFC 7396) to a document: members that are null in the patch are removed,
 * objects are merged, all else is set. Documents and errors are those of {@link applyJsonPatch}.
 *
 * @param doc JSON text, or a value
 * @param patch JSON text, or a value
 * @example
 * applyMergePatch({ a: 1, b: 2 }, { a: null, c: 3 }) // { b: 2, c: 3 }
 */
export function applyMergePatch(doc: string, patch: unknown): string
export function applyMergePatch(doc: Uint8Array, patch: unknown): Buffer
export function applyMergePatch(doc: unknown, patch: unknown): JsonValue | Buffer

/** Every code that an error of this package can have; docs/errors.md explains each. */
export const ErrorCode: {
  readonly ABORT_ERR: 'ABORT_ERR'
  readonly ERR_ADDON_NOT_FOUND: 'ERR_ADDON_NOT_FOUND'
  readonly ERR_CLOCK_SKEW: 'ERR_CLOCK_SKEW'
  readonly ERR_DATA_TOO_LARGE: 'ERR_DATA_TOO_LARGE'
  readonly ERR_DECRYPT_FAILED: 'ERR_DECRYPT_FAILED'
  readonly ERR_DELTA_INVALID: 'ERR_DELTA_INVALID'
  readonly ERR_DELTA_MISMATCH: 'ERR_DELTA_MISMATCH'
  readonly ERR_DIFF_NOT_LINES: 'ERR_DIFF_NOT_LINES'
  readonly ERR_DOCUMENT_INVALID: 'ERR_DOCUMENT_INVALID'
  readonly ERR_HANDLE_INVALID: 'ERR_HANDLE_INVALID'
  readonly ERR_ILLEGAL_CONSTRUCTOR: 'ERR_ILLEGAL_CONSTRUCTOR'
  readonly ERR_INTERNAL: 'ERR_INTERNAL'
  readonly ERR_INVALID_ARG_TYPE: 'ERR_INVALID_ARG_TYPE'
  readonly ERR_INVALID_ARG_VALUE: 'ERR_INVALID_ARG_VALUE'
  readonly ERR_KEY_INVALID: 'ERR_KEY_INVALID'
  readonly ERR_KEY_NOT_CACHED: 'ERR_KEY_NOT_CACHED'
  readonly ERR_KEY_NOT_FOUND: 'ERR_KEY_NOT_FOUND'
  readonly ERR_KMS_REFUSED: 'ERR_KMS_REFUSED'
  readonly ERR_KMS_UNAVAILABLE: 'ERR_KMS_UNAVAILABLE'
  readonly ERR_METASTORE_COLLATION: 'ERR_METASTORE_COLLATION'
  readonly ERR_METASTORE_CONFLICT: 'ERR_METASTORE_CONFLICT'
  readonly ERR_METASTORE_UNAVAILABLE: 'ERR_METASTORE_UNAVAILABLE'
  readonly ERR_NOT_UTF8: 'ERR_NOT_UTF8'
  readonly ERR_PARTITION_MISMATCH: 'ERR_PARTITION_MISMATCH'
  readonly ERR_PATCH_BINARY: 'ERR_PATCH_BINARY'
  readonly ERR_PATCH_INVALID: 'ERR_PATCH_INVALID'
  readonly ERR_PATCH_MISMATCH: 'ERR_PATCH_MISMATCH'
  readonly ERR_PATCH_SEARCH_LIMIT: 'ERR_PATCH_SEARCH_LIMIT'
  readonly ERR_PATCH_TARGET_EXISTS: 'ERR_PATCH_TARGET_EXISTS'
  readonly ERR_RANDOM_UNAVAILABLE: 'ERR_RANDOM_UNAVAILABLE'
  readonly ERR_RECORD_INVALID: 'ERR_RECORD_INVALID'
  readonly ERR_SECURE_MEMORY_UNAVAILABLE: 'ERR_SECURE_MEMORY_UNAVAILABLE'
  readonly ERR_SESSION_CLOSED: 'ERR_SESSION_CLOSED'
}
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode]

/** Every error of this package. `message` and `cause` hold no key, plaintext or password. */
export interface SealdiffError extends Error {
  /** Stable: compare this, not the message. */
  code: ErrorCode
  /** Whether the same call may succeed later with nothing changed by the caller. */
  retryable: boolean
  /** The next thing to try. */
  hint?: string
}

/** Whether a caught value is an error of this package; works across realms. */
export function isSealdiffError(error: unknown): error is SealdiffError
