// The end of the process: an idle factory does not hold it up, pending calls do not crash it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const OPEN = `
  const { SessionFactory, Differ } = require('sealdiff')
  const opening = SessionFactory.open({
    serviceId: 'svc', productId: 'prod', metastore: 'memory:',
    kms: { type: 'static', key: 'ab'.repeat(32) },
  })`

function run(program) {
  const child = spawnSync(process.execPath, ['-e', `${OPEN}\n;(async () => {${program}})()`], {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'test' },
    timeout: 60_000,
  })
  return { status: child.status, signal: child.signal, stdout: child.stdout, stderr: child.stderr }
}

test('an open factory does not keep the event loop alive', () => {
  const program = `const factory = await opening
    await factory.session('p').seal('x')
    console.log('idle')`
  assert.deepEqual(run(program), { status: 0, signal: null, stdout: 'idle\n', stderr: '' })
})

const PENDING = `const factory = await opening
  const data = Buffer.alloc(70_000)
  const differ = new Differ()
  for (let i = 0; i < 10_000; i++) {
    factory.session('p' + i % 100).seal(i % 2 ? data : 'x').catch(() => {})
    if (i % 100 === 0) differ.unified('a\\n'.repeat(5000), 'b\\n'.repeat(i)).catch(() => {})
  }`

test('ten thousand pending promises at process.exit() give its exit code', () => {
  const { status, signal, stderr } = run(`${PENDING}\nprocess.exit(7)`)
  assert.deepEqual([status, signal, stderr], [7, null, ''])
})

test('ten thousand pending promises at an uncaught error end as Node ends', () => {
  const { status, signal, stderr } = run(
    `${PENDING}\nsetImmediate(() => { throw new Error('own') })`,
  )
  assert.deepEqual([status, signal], [1, null])
  assert.match(stderr, /Error: own/)
})

test('ten thousand promises that nobody stops are all settled before the end', () => {
  const program = PENDING.replaceAll('.catch(() => {})', '.then(() => settled++)')
  const { status, stdout, stderr } = run(
    `let settled = 0\nprocess.on('exit', () => console.log(settled))\n${program}`,
  )
  assert.deepEqual([status, stdout, stderr], [0, '10100\n', ''])
})

test('closing while calls are pending and exiting at once is no crash', () => {
  const { status, signal, stderr } = run(`${PENDING}\nfactory.close()\nprocess.exit(0)`)
  assert.deepEqual([status, signal, stderr], [0, null, ''])
})
