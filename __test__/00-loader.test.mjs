// The loader finds the addon of this system, and says what to do when it does not.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
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

for (const report of ['none', 'broken']) {
  test(`asks ldd where process.report is ${report}`, (t) => {
    const installation = withBothLibcs(t)
    installation.write('bin/ldd', '#!/bin/sh\necho musl libc\n', 0o755)
    const env = { PATH: `${installation.folder}/bin:/usr/bin:/bin` }
    assert.equal(installation.load({ env, report }).addon, 'sealdiff-linux-x64-musl')
  })
}

test('takes glibc for granted where nothing tells, and musl if that is what is installed', (t) => {
  const env = { PATH: '' }
  const facts = { env, report: 'none' }
  assert.equal(withBothLibcs(t).load(facts).addon, 'sealdiff-linux-x64-gnu')
  const musl = new Installation(t).addPlatformPackage('linux-x64-musl', version)
  assert.equal(musl.load(facts).addon, 'sealdiff-linux-x64-musl')
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
  assert.match(message, /^ {2}next: correct SEALDIFF_NATIVE_PATH, or unset it/m)
})

test('a platform door takes exactly its addon, whatever the system is', (t) => {
  const installation = withBothLibcs(t)
  const musl = installation.load({ doors: ['platforms/linux-x64-musl'], platform: 'darwin' })
  assert.deepEqual(musl, { addon: 'sealdiff-linux-x64-musl' })
  const { code, message, hint } = installation.load({ doors: ['platforms/darwin-arm64'] })
  assert.equal(code, 'ERR_ADDON_NOT_FOUND')
  assert.match(message, /^cannot load the sealdiff addon for darwin-arm64\n/)
  assert.equal(hint, 'npm install --os=darwin --cpu=arm64 sealdiff')
})

test('doors that are opened together give the same addon, or refuse', (t) => {
  const installation = withBothLibcs(t)
  const gnu = 'platforms/linux-x64-gnu'
  const musl = 'platforms/linux-x64-musl'
  for (const doors of [
    [musl, 'index'],
    [musl, musl],
  ]) {
    assert.deepEqual(installation.load({ doors }), { addon: 'sealdiff-linux-x64-musl' })
  }
  const { code, message } = installation.load({ doors: [gnu, musl] })
  assert.equal(code, 'ERR_ADDON_NOT_FOUND')
  assert.match(message, /this process uses the addon of linux-x64-gnu already/)
  assert.match(message, /next: import either sealdiff or sealdiff\/linux-x64-musl everywhere/)
})

test('SEALDIFF_NATIVE_PATH has the last word on a platform door too', (t) => {
  const installation = withBothLibcs(t)
  installation.write('own/addon.js', "module.exports = 'own'")
  const env = { SEALDIFF_NATIVE_PATH: 'own/addon.js' }
  const doors = ['platforms/linux-x64-gnu', 'platforms/linux-x64-musl']
  assert.deepEqual(installation.load({ env, doors }), { addon: 'own' })
})

for (const [system, command] of [
  [{ execPath: 'musl' }, 'npm install --os=linux --libc=musl --cpu=x64 sealdiff'],
  [{}, 'npm install --os=linux --libc=glibc --cpu=x64 sealdiff'],
  [{ arch: 'arm64' }, 'npm install --os=linux --libc=glibc --cpu=arm64 sealdiff'],
  [{ platform: 'darwin', arch: 'arm64' }, 'npm install --os=darwin --cpu=arm64 sealdiff'],
  [{ platform: 'win32' }, 'npm install --os=win32 --cpu=x64 sealdiff'],
]) {
  test(`where the package is missing, the next command is "${command}"`, (t) => {
    const installation = new Installation(t)
    const execPath = system.execPath && installation.write('node', elf({ interpreter: MUSL }))
    const { code, hint, message } = installation.load({ ...system, ...(execPath && { execPath }) })
    assert.equal(code, 'ERR_ADDON_NOT_FOUND')
    assert.equal(hint, command)
    assert.match(message, /optional dependencies were left out \(--omit=optional, --no-optional\)/)
    assert.ok(message.endsWith(`\n  next: ${command}`), message)
  })
}

test('lists each attempt when nothing is installed', (t) => {
  const installation = new Installation(t)
  const execPath = installation.write('node', elf({ interpreter: MUSL }))
  const { message } = installation.load({ execPath })
  assert.deepEqual(message.split('\n').slice(0, 3), [
    'cannot load the sealdiff addon for linux-x64-musl',
    `  sealdiff-linux-x64-musl@${version}: not found`,
    `  sealdiff-linux-x64-gnu@${version}: not found`,
  ])
})

test('in a checkout the next command is a build', (t) => {
  const installation = new Installation(t)
  installation.write('node_modules/sealdiff/Cargo.toml', '')
  const { hint, message } = installation.load()
  assert.equal(hint, 'npm run build')
  assert.match(message, /the addon was not built here/)
})

test('says that the package of the other libc is installed, and why that may be', (t) => {
  const needed = 'Error loading shared library ld-linux-x86-64.so.2: No such file or directory'
  const installation = new Installation(t).addBrokenPackage('linux-x64-gnu', version, needed)
  const execPath = installation.write('node', elf({ interpreter: MUSL }))
  const { hint, message } = installation.load({ execPath })
  assert.ok(message.includes(`  sealdiff-linux-x64-gnu@${version}: ${needed}`), message)
  assert.match(message, /- sealdiff-linux-x64-gnu is installed, but this Node.js runs on musl/)
  assert.match(message, /the lock file lost "libc" \(npm before 11\.11\)/)
  assert.equal(hint, 'npm install --os=linux --libc=musl --cpu=x64 sealdiff')
})

test('says that node_modules comes from another system', (t) => {
  const installation = new Installation(t).addPlatformPackage('darwin-arm64', version)
  const { hint, message } = installation.load()
  assert.match(message, /- sealdiff-darwin-arm64 is installed, but this is linux-x64-gnu/)
  assert.match(message, /node_modules or the lock file comes from another system/)
  assert.equal(hint, 'npm install --os=linux --libc=glibc --cpu=x64 sealdiff')
})

test('says which systems it is not built for', (t) => {
  const { code, message } = new Installation(t).load({ platform: 'freebsd' })
  assert.equal(code, 'ERR_ADDON_NOT_FOUND')
  assert.match(
    message,
    /- no addon is built for freebsd x64\n {2}next: run on one of linux-x64-gnu, /,
  )
})

test('refuses a platform package of another version', (t) => {
  const installation = new Installation(t).addPlatformPackage('linux-x64-gnu', '0.0.1')
  const { code, hint, message } = installation.load()
  assert.equal(code, 'ERR_ADDON_NOT_FOUND')
  assert.ok(message.includes(`version 0.0.1 is installed, but sealdiff is ${version}`), message)
  assert.equal(hint, `npm install sealdiff-linux-x64-gnu@${version}`)
})

test('says that a platform package came without its addon', (t) => {
  const installation = new Installation(t).addPlatformPackage('linux-x64-gnu', version)
  rmSync(`${installation.folder}/node_modules/sealdiff-linux-x64-gnu/index.js`)
  const { hint, message } = installation.load()
  assert.match(message, /sealdiff-linux-x64-gnu is installed without its addon/)
  assert.match(hint, /^npm ci, and copy node_modules with its \*\.node files$/)
})

for (const [linker, why, next] of [
  [
    "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by addon.node)",
    /the addon needs GLIBC_2\.38, and this system has glibc 2\.36/,
    /newer system or base image/,
  ],
  ['addon.node: invalid ELF header', /damaged, or was built for another system/, /^npm ci/],
  ['addon.node: wrong ELF class: ELFCLASS32', /built for another system/, /^npm ci/],
  ['Error relocating addon.node: __memcpy_chk: symbol not found', /another system/, /^npm ci/],
  [
    'addon.node: failed to map segment from shared object',
    /mounted noexec, or not readable/,
    /install in a folder that may hold programs/,
  ],
  ['something else', /is there and does not load/, /docs\/install\.md/],
]) {
  test(`explains what the linker says: ${linker}`, (t) => {
    const installation = new Installation(t).addBrokenPackage('linux-x64-gnu', version, linker)
    const { hint, message } = installation.load({
      report: { header: { glibcVersionRuntime: '2.36' } },
    })
    assert.ok(message.includes(`  sealdiff-linux-x64-gnu@${version}: ${linker}\n`), message)
    assert.match(message, why)
    assert.match(hint, next)
  })
}

test('reports why a file that is there does not load', (t) => {
  const installation = new Installation(t)
  installation.write('node_modules/sealdiff/sealdiff.linux-x64-gnu.node', 'not a shared library')
  const { message } = installation.load()
  assert.match(message, /^ {2}\.\/sealdiff\.linux-x64-gnu\.node: .*(too short|invalid ELF)/m)
})
