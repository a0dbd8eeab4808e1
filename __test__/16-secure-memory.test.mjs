// Where keys lie: what a process's memory shows to its parent, and what happens where little or no
// memory can be locked.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SessionFactory } from 'sealdiff'
import { coded, openFactory, options } from './support/factory.mjs'
import { keysOf } from './support/keys-by-hand.mjs'
import { mappings, scanUnlocked } from './support/memory-scan.mjs'

const CHILD = fileURLToPath(new URL('support/secure-memory-child.mjs', import.meta.url))
const MASTER_KEY = randomBytes(32)
const PLANTED = randomBytes(32)
const PARTITIONS = 10_000
const KIB = 1024
const skip = process.platform !== 'linux' && 'only Linux shows a process its child’s memory'

/** A folder in memory where there is one: ten thousand rows are ten thousand writes to disk. */
function quickFolder(t) {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const folder = mkdtempSync(path.join(parent, 'sealdiff-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * A process that used `partitions` keys and idles now.
 *
 * @param limit most memory it may lock, in bytes; without the privilege to lock more
 */
async function idleChild(t, { partitions = 1, limit, ...more }) {
  const planted = Buffer.from(PLANTED.map((byte) => byte ^ 0xff)).toString('hex')
  const argument = JSON.stringify({ partitions, planted, options: more })
  const command = [...limited(limit), process.execPath, CHILD, argument]
  const child = spawn(command[0], command.slice(1), {
    env: { ...process.env, MASTER_KEY: MASTER_KEY.toString('hex'), NODE_ENV: 'test' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill())
  let said = ''
  for await (const text of child.stdout) {
    said += text
    if (said.endsWith('\n')) break
  }
  return { pid: child.pid, ...JSON.parse(said) }
}

function limited(limit) {
  if (limit === undefined) return []
  const drop = ['setpriv', '--bounding-set=-ipc_lock']
  return [...(process.getuid() === 0 ? drop : []), 'prlimit', `--memlock=${limit}:${limit}`]
}

/** Both halves of each key: on a stack one may lie without the other. */
function halves(keys) {
  return [...keys].flatMap(([name, key]) => [
    [name, key.subarray(0, 16)],
    [`${name}, second half`, key.subarray(16)],
  ])
}

for (const [name, lockedBytes] of [
  ['in locked memory', 4096 * KIB],
  ['mostly sealed, past 64 KiB', 64 * KIB],
]) {
  test(`no key is readable after ${PARTITIONS} partitions: ${name}`, { skip }, async (t) => {
    const file = path.join(quickFolder(t), 'keys.db')
    const { pid, stats } = await idleChild(t, {
      metastore: `sqlite:${file}`,
      partitions: PARTITIONS,
      lockedBytes,
    })
    assert.equal(stats.memoryProtection, 'locked')
    assert.ok(stats.lockedBytes <= stats.lockedBytesLimit && stats.lockedBytesLimit === lockedBytes)
    assert.ok(stats.intermediateKeys > PARTITIONS * 0.9, 'the keys are in memory')
    const keys = keysOf(file, MASTER_KEY)
    assert.equal(keys.size, 2 * PARTITIONS + 1)
    keys.set('planted', PLANTED)
    const found = scanUnlocked(pid, halves(keys))
    assert.deepEqual([...found], ['planted', 'planted, second half'])
  })
}

test('the scan finds keys that lie on the heap', { skip }, async (t) => {
  const file = path.join(quickFolder(t), 'keys.db')
  const { pid, stats } = await idleChild(t, {
    metastore: `sqlite:${file}`,
    partitions: 200,
    secureMemory: 'off',
  })
  assert.equal(stats.memoryProtection, 'heap')
  assert.deepEqual([stats.lockedBytes, stats.lockedBytesLimit], [0, 0])
  const keys = keysOf(file, MASTER_KEY)
  const found = scanUnlocked(pid, halves(keys))
  assert.equal(found.size, 2 * keys.size)
})

test('locked memory is left out of core dumps, between pages nobody can touch', {
  skip,
}, async (t) => {
  const { pid, stats } = await idleChild(t, { metastore: 'memory:', partitions: 100 })
  const all = mappings(pid)
  const locked = all.filter(({ flags }) => flags.includes('lo'))
  const bytes = locked.reduce((sum, { start, end }) => sum + end - start, 0)
  assert.equal(bytes, stats.lockedBytes)
  assert.ok(bytes > 0)
  for (const { flags, start, end } of locked) {
    assert.ok(flags.includes('dd'))
    const isGuard = ({ permissions }) => permissions.startsWith('---')
    assert.ok(all.some((other) => isGuard(other) && other.end === start))
    assert.ok(all.some((other) => isGuard(other) && other.start === end))
  }
})

test('works within a limit of 64 KiB, half of which it takes', { skip }, async (t) => {
  const child = { metastore: 'memory:', partitions: 500, secureMemory: 'require' }
  const { stats, warnings } = await idleChild(t, { ...child, limit: 64 * KIB })
  assert.equal(stats.memoryProtection, 'locked')
  assert.equal(stats.lockedBytes, 32 * KIB)
  assert.equal(stats.intermediateKeys, 500)
  assert.deepEqual(warnings, [])
})

test('where nothing can be locked, keys lie in guarded memory, and one warning says so', {
  skip,
}, async (t) => {
  const child = { metastore: 'memory:', partitions: 100, limit: 0 }
  const { stats, warnings, pid } = await idleChild(t, child)
  assert.equal(stats.memoryProtection, 'guarded')
  assert.deepEqual([stats.lockedBytes, stats.lockedBytesLimit], [0, 0])
  assert.deepEqual(warnings, ['SEALDIFF_MEMORY_NOT_LOCKED'])
  assert.ok(mappings(pid).some(({ flags }) => flags.includes('dd') && !flags.includes('lo')))
})

test('nothing is locked or said with secureMemory off', { skip }, async (t) => {
  const child = { metastore: 'memory:', secureMemory: 'off', limit: 0 }
  const { stats, warnings } = await idleChild(t, child)
  assert.equal(stats.memoryProtection, 'heap')
  assert.deepEqual(warnings, [])
})

test('opening fails where locked memory is required and denied', { skip }, async (t) => {
  const child = { metastore: 'memory:', secureMemory: 'require', limit: 0 }
  const { code, hint, cause } = await idleChild(t, child)
  assert.equal(code, 'ERR_SECURE_MEMORY_UNAVAILABLE')
  assert.match(hint, /RLIMIT_MEMLOCK/)
  assert.equal(cause, 'memory could not be locked')
})

test('the process keeps its own settings', { skip }, async (t) => {
  const settings = () => {
    const { stdout } = spawnSync('prlimit', ['--noheadings', '--pid', String(process.pid)])
    const status = ['NoNewPrivs', 'Seccomp', 'CapEff', 'CoreDumping'].map((name) => statusOf(name))
    return [stdout.toString(), ...status]
  }
  const before = settings()
  const factory = await openFactory(t)
  await factory.session('p1').seal('x')
  assert.deepEqual(settings(), before)
})

function statusOf(name) {
  const { stdout } = spawnSync('grep', [`^${name}:`, `/proc/${process.pid}/status`])
  return stdout.toString()
}

test('closing gives locked memory back', { skip }, async () => {
  const locked = () => statusOf('VmLck')
  const before = locked()
  const factory = await SessionFactory.open(options({ lockedBytes: 64 * KIB }))
  await factory.session('p1').seal('x')
  assert.notEqual(locked(), before)
  await factory.close()
  assert.equal(locked(), before)
})

test('the options are checked by name', async () => {
  const refused = (overrides, code, name) =>
    assert.rejects(
      SessionFactory.open(options(overrides)),
      coded(code, { message: new RegExp(`^${name} `) }),
    )
  await refused({ secureMemory: true }, 'ERR_INVALID_ARG_TYPE', 'secureMemory')
  await refused({ secureMemory: 'on' }, 'ERR_INVALID_ARG_VALUE', 'secureMemory')
  await refused({ lockedBytes: '1' }, 'ERR_INVALID_ARG_TYPE', 'lockedBytes')
  for (const lockedBytes of [0, 4095, 2 ** 30 + 1, Number.NaN, 4096.5]) {
    await refused({ lockedBytes }, 'ERR_INVALID_ARG_VALUE', 'lockedBytes')
  }
})
