// SessionFactory.open and its options.
import assert from 'node:assert/strict'
import { closeSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { isSealdiffError, Session, SessionFactory } from 'sealdiff'
import { coded, openFactory, options, temporaryFolder } from './support/factory.mjs'
import { SECRET, shown } from './support/hostile.mjs'

test('opens, answers a ping, and closes twice', async (t) => {
  const factory = await openFactory(t)
  await factory.ping()
  await Promise.all([factory.close(), factory.close()])
  assert.throws(() => factory.session('p'), coded('ERR_SESSION_CLOSED'))
  assert.throws(() => factory.stats(), coded('ERR_SESSION_CLOSED'))
  assert.throws(() => factory.handle(), coded('ERR_SESSION_CLOSED'))
  await assert.rejects(factory.ping(), coded('ERR_SESSION_CLOSED'))
})

test('opening creates no key', async (t) => {
  const factory = await openFactory(t)
  const { metastoreLoads, metastoreStores, kmsEncrypts } = factory.stats()
  assert.deepEqual(
    { metastoreLoads, metastoreStores, kmsEncrypts },
    {
      metastoreLoads: 0,
      metastoreStores: 0,
      kmsEncrypts: 0,
    },
  )
})

const WRONG_TYPES = {
  'the options are missing': [undefined, 'options'],
  'the options are null': [null, 'options'],
  'the options are an array': [[], 'options'],
  'serviceId is missing': [{ serviceId: undefined }, 'serviceId'],
  'serviceId is a number': [{ serviceId: 1 }, 'serviceId'],
  'productId is a String object': [{ productId: new String('p') }, 'productId'],
  'metastore is missing': [{ metastore: undefined }, 'metastore'],
  'kms is missing': [{ kms: undefined }, 'kms'],
  'kms is a string': [{ kms: SECRET }, 'kms'],
  'kms.key is missing': [{ kms: { type: 'static' } }, 'kms.key'],
  'kms.key is a number': [{ kms: { type: 'static', key: 4111 } }, 'kms.key'],
  'policy is a string': [{ policy: '90d' }, 'policy'],
  'a duration is a boolean': [{ policy: { expireAfter: true } }, 'policy.expireAfter'],
  'timeout is null': [{ timeout: null }, 'timeout'],
  'cache is a number': [{ cache: 1 }, 'cache'],
  'cache.sessions is a string': [{ cache: { sessions: '10' } }, 'cache.sessions'],
  'createTable is a string': [{ createTable: 'yes' }, 'createTable'],
  'table is a number': [{ table: 1 }, 'table'],
  'freshRandomness is a number': [{ freshRandomness: 1 }, 'freshRandomness'],
  'signal is an object': [{ signal: {} }, 'signal'],
  'signal is null': [{ signal: null }, 'signal'],
}

for (const [name, [given, argument]] of Object.entries(WRONG_TYPES)) {
  test(`refuses by name: ${name}`, async () => {
    const isWhole = given === undefined || given === null || Array.isArray(given)
    const opening = SessionFactory.open(isWhole ? given : options(given))
    await assert.rejects(opening, (error) => {
      assert.ok(error instanceof TypeError)
      assert.equal(error.code, 'ERR_INVALID_ARG_TYPE')
      assert.ok(error.message.startsWith(`${argument} must be`), error.message)
      return true
    })
  })
}

const LONG = 'x'.repeat(256)
const WRONG_VALUES = {
  'an unknown option': [{ encryption: true }, 'encryption'],
  'an unknown policy': [{ policy: { expires: '1d' } }, 'policy.expires'],
  'an unknown cache': [{ cache: { size: 1 } }, 'cache.size'],
  'an unknown member of kms': [{ kms: { type: 'static', key: LONG, extra: 1 } }, 'kms.extra'],
  'a kms of no type': [{ kms: { key: LONG } }, 'kms.type'],
  'a kms of a type that all objects have': [{ kms: { type: 'toString' } }, 'kms.type'],
  'a secret as the name of an option': [{ [SECRET]: 1 }, '(unprintable name)'],
  'an empty serviceId': [{ serviceId: '' }, 'serviceId'],
  'a lone surrogate': [{ serviceId: 'a\ud800' }, 'serviceId'],
  'U+0000': [{ serviceId: 'a\0' }, 'serviceId'],
  'an outer space': [{ productId: ' p' }, 'productId'],
  'an id of 256 characters': [{ serviceId: LONG }, 'serviceId'],
  'an empty metastore': [{ metastore: '' }, 'metastore'],
  'another database': [{ metastore: 'oracle://u:p@h' }, 'metastore'],
  'a metastore without a file': [{ metastore: 'sqlite:' }, 'metastore'],
  'a database of one connection': [{ metastore: 'sqlite::memory:' }, 'metastore'],
  'another kms': [{ kms: { type: 'magic', key: LONG } }, 'kms.type'],
  'a key of 31 bytes': [{ kms: { type: 'static', key: Buffer.alloc(31) } }, 'kms.key'],
  'a key of 33 bytes': [{ kms: { type: 'static', key: Buffer.alloc(33) } }, 'kms.key'],
  'an empty key': [{ kms: { type: 'static', key: '' } }, 'kms.key'],
  'a key of 62 digits': [{ kms: { type: 'static', key: 'ab'.repeat(31) } }, 'kms.key'],
  'a key that is no hexadecimal': [{ kms: { type: 'static', key: 'xy'.repeat(32) } }, 'kms.key'],
  'a negative duration': [{ policy: { expireAfter: -1 } }, 'policy.expireAfter'],
  'NaN as a duration': [{ policy: { expireAfter: Number.NaN } }, 'policy.expireAfter'],
  'an endless duration': [{ timeout: Number.POSITIVE_INFINITY }, 'timeout'],
  'a timeout of nothing': [{ timeout: 0 }, 'timeout'],
  'a duration of another unit': [{ timeout: '5w' }, 'timeout'],
  'a duration of words': [{ timeout: 'soon' }, 'timeout'],
  'keys that expire at once': [{ policy: { expireAfter: 59 } }, 'policy.expireAfter'],
  'no session': [{ cache: { sessions: 0 } }, 'cache.sessions'],
  'a negative number of sessions': [{ cache: { sessions: -1 } }, 'cache.sessions'],
  'half a session': [{ cache: { sessions: 0.5 } }, 'cache.sessions'],
  'NaN sessions': [{ cache: { sessions: Number.NaN } }, 'cache.sessions'],
  'too many sessions': [{ cache: { sessions: 2 ** 31 } }, 'cache.sessions'],
  'a table that leaves its quotes': [
    { metastore: 'sqlite:x.db', table: 'a"; DROP TABLE b' },
    'table',
  ],
}

for (const [name, [given, argument]] of Object.entries(WRONG_VALUES)) {
  test(`refuses by name: ${name}`, async () => {
    await assert.rejects(SessionFactory.open(options(given)), (error) => {
      assert.ok(error instanceof RangeError, error)
      assert.equal(error.code, 'ERR_INVALID_ARG_VALUE')
      assert.ok(error.message.startsWith(`${argument} `), error.message)
      assert.ok(!shown(error).includes(SECRET))
      return true
    })
  })
}

test('takes every option, durations as numbers and as strings', async (t) => {
  const folder = temporaryFolder(t)
  await openFactory(t, {
    metastore: `sqlite:${path.join(folder, 'keys.db')}`,
    kms: { type: 'static', key: 'AB'.repeat(32) },
    policy: { expireAfter: '30d', revokeCheckInterval: 90, refreshGrace: '2m' },
    cache: { sessions: 1, intermediateKeys: 1 },
    timeout: '5s',
    createTable: true,
    table: 'keys_2',
    signal: new AbortController().signal,
  })
})

test('a relative and an absolute SQLite path name the same file', async (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'keys.db')
  const record = await (await openFactory(t, { metastore: `sqlite://${file}` }))
    .session('p')
    .seal('x')
  const relative = path.relative(process.cwd(), file)
  const other = await openFactory(t, { metastore: `sqlite:${relative}` })
  assert.equal(await other.session('p').unsealString(record), 'x')
})

test('a missing table is an error where it must not be made, and no file is left', async (t) => {
  const file = path.join(temporaryFolder(t), 'keys.db')
  const opening = SessionFactory.open(options({ metastore: `sqlite:${file}`, createTable: false }))
  await assert.rejects(opening, coded('ERR_METASTORE_UNAVAILABLE', { retryable: false }))
  assert.throws(() => statSync(file), { code: 'ENOENT' })
})

test('an SQLite file that can not be opened is an error at once', async (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'file')
  closeSync(openSync(file, 'w'))
  mkdirSync(path.join(folder, 'folder.db'))
  for (const place of [
    path.join(file, 'keys.db'),
    path.join(folder, 'folder.db'),
    '/proc/keys.db',
  ]) {
    await assert.rejects(
      SessionFactory.open(options({ metastore: `sqlite:${place}` })),
      (error) => {
        assert.equal(error.code, 'ERR_METASTORE_UNAVAILABLE')
        assert.equal(error.retryable, false)
        assert.match(error.hint, /metastore/)
        assert.match(error.cause.cause.message, /unable to open/)
        return true
      },
    )
  }
})

test('a corrupt SQLite file is an error at once', async (t) => {
  const file = path.join(temporaryFolder(t), 'keys.db')
  writeFileSync(file, `SQLite format 3\0${'garbage '.repeat(1000)}`)
  const opening = SessionFactory.open(options({ metastore: `sqlite:${file}` }))
  await assert.rejects(opening, coded('ERR_METASTORE_UNAVAILABLE', { retryable: false }))
})

test('an aborted opening rejects with an AbortError', async () => {
  const reason = new Error('no longer wanted')
  const opening = SessionFactory.open(options({ signal: AbortSignal.abort(reason) }))
  await assert.rejects(opening, { name: 'AbortError', code: 'ABORT_ERR', cause: reason })
})

test('constructors that are not public say what to call', () => {
  for (const Class of [SessionFactory, Session]) {
    assert.throws(
      () => new Class(),
      (error) => {
        assert.ok(error instanceof TypeError)
        assert.equal(error.code, 'ERR_ILLEGAL_CONSTRUCTOR')
        assert.match(error.hint, /^use /)
        return isSealdiffError(error)
      },
    )
  }
})

test('a static key warns once outside tests', async () => {
  const { spawnSync } = await import('node:child_process')
  const program = `
    const { SessionFactory } = require('sealdiff')
    const options = ${JSON.stringify({ ...options(), kms: undefined })}
    options.kms = { type: 'static', key: Buffer.alloc(32) }
    Promise.all([SessionFactory.open(options), SessionFactory.open(options)])`
  const env = { ...process.env, NODE_ENV: undefined, NODE_TEST_CONTEXT: undefined }
  delete env.NODE_ENV
  delete env.NODE_TEST_CONTEXT
  const { stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', env })
  assert.equal(stderr.match(/SEALDIFF_STATIC_KMS/g)?.length, 1, stderr)
})

test('is disposed of by await using', async () => {
  const factory = await SessionFactory.open(options())
  await factory[Symbol.asyncDispose]()
  assert.throws(() => factory.session('p'), coded('ERR_SESSION_CLOSED'))
})
