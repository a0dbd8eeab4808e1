// The loader finds the addon of this system, and says what to do when it does not.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { elf } from './support/elf.mjs'
import { Installation } from './support/installation.mjs'

const { version } = createRequire(import.meta.url)('../package.json')

const GLIBC = '/lib64/ld-linux-x86-64.so.2'
const MUSL = '/lib/ld-musl-x86_64.so.1'

/** Both Linux packages side by side, as npm versions that ignore `libc` leave them. */
function withBothLibcs(t) {
  return new Installation(t)
    .addPlatformPackage('linux-x64-gnu', version)
    .addPlatformPackage('linux-x64-musl', version)
}

for (const [platform, arch, target] of [
  ['linux', 'x64', 'linux-x64-gnu'],
  ['linux', 'arm64', 'linux-arm64-gnu'],
  ['linux', 'x64', 'linux-x64-musl'],
  ['linux', 'arm64', 'linux-arm64-musl'],
  ['darwin', 'x64', 'darwin-x64'],
  ['darwin', 'arm64', 'darwin-arm64'],
  ['win32', 'x64', 'win32-x64-msvc'],
  ['win32', 'arm64', 'win32-arm64-msvc'],
]) {
  test(`loads the platform package of ${target}, be it the only one installed`, (t) => {
    const installation = new Installation(t).addPlatformPackage(target, version)
    assert.deepEqual(installation.load({ platform, arch }), { addon: `sealdiff-${target}` })
  })
}

test('takes the musl addon when the executable asks for the musl loader', (t) => {
  const installation = withBothLibcs(t)
  const execPath = installation.write('node', elf({ interpreter: MUSL }))
  assert.equal(installation.load({ execPath }).addon, 'sealdiff-linux-x64-musl')
})

test('takes the glibc addon when the executable asks for the glibc loader', (t) => {
  const installation = withBothLibcs(t)
  const execPath = installation.write('node', elf({ interpreter: GLIBC }))
  // A report that says otherwise: the executable is asked first.
  const report = { sharedObjects: [MUSL] }
  assert.equal(installation.load({ execPath, report }).addon, 'sealdiff-linux-x64-gnu')
})

test('finds the interpreter far into a patched executable', (t) => {
  const installation = withBothLibcs(t)
  const interpreterAt = 5_000_000
  const execPath = installation.write('node', elf({ interpreter: MUSL, interpreterAt }))
  assert.equal(installation.load({ execPath }).addon, 'sealdiff-linux-x64-musl')
})

test('asks the process report when the executable names no interpreter', (t) => {
  const installation = withBothLibcs(t)
  const execPath = installation.write('node', elf())
  const musl = { header: {}, sharedObjects: [MUSL] }
  assert.equal(installation.load({ execPath, report: musl }).addon, 'sealdiff-linux-x64-musl')
  const glibc = { header: { glibcVersionRuntime: '2.36' }, sharedObjects: [MUSL] }
  assert.equal(installation.load({ execPath, report: glibc }).addon, 'sealdiff-linux-x64-gnu')
})

test('asks ldd when neither the executable nor the report tells', (t) => {
  const installation = withBothLibcs(t)
  const ldd = "#!/bin/sh\necho 'musl libc (x86_64)' >&2\nexit 1\n"
  installation.write('bin/ldd', ldd, 0o755)
  const env = { PATH: `${installation.folder}/bin:/usr/bin:/bin` }
  assert.equal(installation.load({ env }).addon, 'sealdiff-linux-x64-musl')
})

for (const [defect, bytes] of [
  ['is no ELF file', Buffer.from('#!/bin/sh\n'.repeat(20))],
  ['ends within its header', elf({ interpreter: MUSL }).subarray(0, 40)],
  ['ends before its interpreter', elf({ interpreter: MUSL }).subarray(0, 4000)],
  ['is empty', Buffer.alloc(0)],
]) {
  test(`asks elsewhere when the executable ${defect}`, (t) => {
    const installation = withBothLibcs(t)
    const execPath = installation.write('node', bytes)
    const report = { sharedObjects: [MUSL] }
    assert.equal(installation.load({ execPath, report }).addon, 'sealdiff-linux-x64-musl')
  })
}

test('prefers the path in SEALDIFF_NATIVE_PATH to what is installed', (t) => {
  const installation = withBothLibcs(t)
  installation.write('own/addon.js', "module.exports = 'own'")
  const env = { SEALDIFF_NATIVE_PATH: 'own/addon.js' }
  assert.deepEqual(installation.load({ env }), { addon: 'own' })
})

test('does not fall back when SEALDIFF_NATIVE_PATH cannot be loaded', (t) => {
  const env = { SEALDIFF_NATIVE_PATH: '/nowhere/addon.node' }
  const { code, message } = withBothLibcs(t).load({ env })
  assert.equal(code, 'ERR_ADDON_NOT_FOUND')
  assert.match(message, /^ {2}SEALDIFF_NATIVE_PATH=\/nowhere\/addon\.node: not found$/m)
  assert.match(message, /unset it/)
})

test('lists each attempt and the next command when nothing is installed', (t) => {
  const installation = new Installation(t)
  const execPath = installation.write('node', elf({ interpreter: MUSL }))
  const { code, hint, message } = installation.load({ execPath })
  assert.equal(code, 'ERR_ADDON_NOT_FOUND')
  assert.deepEqual(message.split('\n').slice(0, 5), [
    'cannot load the sealdiff addon',
    '  ./sealdiff.linux-x64-musl.node: not found',
    `  sealdiff-linux-x64-musl@${version}: not found`,
    '  ./sealdiff.linux-x64-gnu.node: not found',
    `  sealdiff-linux-x64-gnu@${version}: not found`,
  ])
  assert.ok(hint.includes(`npm install sealdiff-linux-x64-musl@${version}`), hint)
  assert.ok(hint.includes('npm run build'), hint)
  assert.ok(message.endsWith(hint))
})

test('says which systems it is not built for', (t) => {
  const { code, message } = new Installation(t).load({ platform: 'freebsd' })
  assert.equal(code, 'ERR_ADDON_NOT_FOUND')
  assert.match(message, /no addon is built for freebsd x64/i)
})

test('refuses a platform package of another version', (t) => {
  const installation = new Installation(t).addPlatformPackage('linux-x64-gnu', '0.0.1')
  const { code, message } = installation.load()
  assert.equal(code, 'ERR_ADDON_NOT_FOUND')
  assert.ok(message.includes(`version 0.0.1 is installed, but sealdiff is ${version}`), message)
  assert.ok(message.includes(`npm install sealdiff-linux-x64-gnu@${version}`), message)
})

test('reports why a file that is there does not load', (t) => {
  const installation = new Installation(t)
  installation.write('node_modules/sealdiff/sealdiff.linux-x64-gnu.node', 'not a shared library')
  const { message } = installation.load()
  assert.match(message, /^ {2}\.\/sealdiff\.linux-x64-gnu\.node: .*(too short|invalid ELF)/m)
})
