// Checks built addons by what their ELF headers say: the oldest glibc they load on, the libraries they need, their
// size, that symbols are stripped, that the list of crates is inside, and AES-GCM as fast as the processor has it.
// Needs binutils (readelf).
// usage: check-addons.mjs [linux-x64-gnu …]   (default: every addon in artifacts/)
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { root, targets } from './project.mjs'

const MAX_SIZE_BYTES = 12 * 2 ** 20
const GLIBC_FLOOR = '2.17'
// Parts of glibc itself, which older versions keep in files of their own.
const GLIBC_LIBRARY = /^(lib(c|m|dl|rt|pthread|util)\.so\.\d|ld-linux-[\w-]+\.so\.\d)$/
const ENTRY_POINTS = /^napi_register_(module_v1|wasm_v1)$|^node_api_module_get_api_version_v1$/
const EXPORTED = /^(GLOBAL|WEAK|UNIQUE)$/
const CRATE_LIST = '.dep-v0'

const artifacts = path.join(root, 'artifacts')
const names = process.argv.length > 2 ? process.argv.slice(2) : builtNames()
assert.ok(names.length > 0, 'no addon in artifacts/: run "bash scripts/build-targets.sh" first')
for (const name of names) console.log(check(name))

function builtNames() {
  return targets
    .map(({ name }) => name)
    .filter((name) => readdirSync(artifacts).includes(`sealdiff.${name}.node`))
}

function check(name) {
  const file = path.join(artifacts, `sealdiff.${name}.node`)
  const { size } = statSync(file)
  const needed = [...readelf('-d', file).matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, lib]) => lib)
  const sections = readelf('-S', file)
  const floor = newestGlibc(readelf('-V', file))
  if (name.endsWith('-musl')) {
    // No libstdc++ and no libgcc_s: a bare Alpine has neither.
    assert.deepEqual(needed, ['libc.so'], `${name} needs more than musl`)
    assert.equal(floor, undefined)
  } else {
    for (const library of needed) assert.match(library, GLIBC_LIBRARY, `${name} needs ${library}`)
    assert.ok(!isNewer(floor, GLIBC_FLOOR), `${name} needs glibc ${floor}`)
  }
  assert.doesNotMatch(sections, /\.symtab|\.debug_info/, `${name} is not stripped`)
  assert.ok(sections.includes(CRATE_LIST), `${name} holds no list of its crates`)
  // Which a build of AWS-LC for size leaves out: half of the speed on large records.
  if (name.includes('-x64-')) assert.match(readelf('-s', `${file}.debug`), /aes_gcm_encrypt_avx512/)
  const symbols = exported(file)
  assert.ok(symbols.includes('napi_register_module_v1'), `${name} has no entry point`)
  for (const symbol of symbols) assert.match(symbol, ENTRY_POINTS, `${name} exports ${symbol}`)
  assert.ok(
    size <= MAX_SIZE_BYTES,
    `${name} has ${size} bytes; at most ${MAX_SIZE_BYTES} are allowed`,
  )
  return `ok: ${name}: ${(size / 1e6).toFixed(1)} MB, needs ${needed.join(' ')}${floor ? `, glibc ${floor}` : ''}`
}

/** The newest version of glibc that a symbol asks for. */
function newestGlibc(versions) {
  return (
    [...versions.matchAll(/GLIBC_([\w.]+)/g)]
      .map(([, version]) => version)
      // GLIBC_ABI_DT_RELR and the like: of newer versions, whatever number they have.
      .map((version) => (/^[\d.]+$/.test(version) ? version : '999'))
      .reduce((newest, version) => (isNewer(version, newest) ? version : newest), undefined)
  )
}

function isNewer(version, other) {
  return other === undefined || version.localeCompare(other, 'en', { numeric: true }) > 0
}

function exported(file) {
  return readelf('--dyn-syms', file)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , , binding, , section]) => EXPORTED.test(binding) && section !== 'UND')
    .map((columns) => columns[7].split('@')[0])
}

function readelf(what, file) {
  const { status, stdout, error } = spawnSync('readelf', ['-W', what, file], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (error || status !== 0) throw new Error(`readelf ${what} ${file}: ${error?.message ?? status}`)
  return stdout
}
