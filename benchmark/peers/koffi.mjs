// A C ABI called through the npm package koffi: sealdiff's own cores (benchmark/cores) where they are built, else
// functions of the C library that take and give the same.
import { findBuilt, findPeer } from '../find-peer.mjs'

const FILES = {
  linux: 'libsealdiff_cores.so',
  darwin: 'libsealdiff_cores.dylib',
  win32: 'sealdiff_cores.dll',
}
const C_LIBRARIES = { linux: 'libc.so.6', darwin: 'libSystem.dylib', win32: 'msvcrt.dll' }
const CORES = {
  project: 'cores',
  file: FILES[process.platform] ?? FILES.linux,
  name: "sealdiff's cores behind a C ABI",
}

/** What sealed records are longer by. */
const OVERHEAD = 46
/** Room for the longest diff that is asked for. */
const PATCH_ROOM = 1 << 16

/**
 * @returns {Promise<{ name: string, version: string, plain: Functions, cores?: object, coresMissing?: object,
 *   missing?: undefined } | { name: string, missing: { name: string, command: string } }>}
 * @typedef {{ from: string, empty: () => number, bufferIn: (data: Buffer, length: number) => number,
 *   stringIn: (text: string) => number, stringOut: () => string, expected: { empty: number,
 *   bufferIn: (data: Buffer) => number, stringOut: RegExp } }} Functions `expected` is what they answer
 */
export async function openKoffi() {
  const peer = await findPeer('koffi')
  if (peer.missing) return peer
  const koffi = peer.module.default ?? peer.module
  const { name, version } = peer
  const { file, missing } = findBuilt(CORES)
  if (missing) return { name, version, plain: ofC(koffi), coresMissing: missing }
  const library = koffi.load(file)
  return { name, version, plain: ofCores(library), cores: callsOf(library) }
}

/** What benchmark/cores answers. */
const EXPECTED_CORES = {
  empty: 64,
  bufferIn: (data) => data[0] ?? 0,
  stringOut: /^(0123456789abcdef){4}$/,
}

/** @returns {Functions} */
function ofCores(library) {
  return {
    from: 'benchmark/cores',
    empty: library.func('uint32_t cores_empty()'),
    bufferIn: library.func('uint32_t cores_buffer_in(const uint8_t *data, size_t len)'),
    stringIn: library.func('uint32_t cores_string_in(const char *text)'),
    stringOut: library.func('const char *cores_string_out()'),
    expected: EXPECTED_CORES,
  }
}

/** @returns {Functions} */
function ofC(koffi) {
  const library = koffi.load(C_LIBRARIES[process.platform] ?? C_LIBRARIES.linux)
  const abs = library.func('int abs(int number)')
  const strerror = library.func('const char *strerror(int number)')
  return {
    from: 'the C library',
    empty: () => abs(64),
    bufferIn: library.func('size_t strnlen(const uint8_t *data, size_t len)'),
    stringIn: library.func('size_t strlen(const char *text)'),
    stringOut: () => strerror(2),
    expected: {
      empty: 64,
      bufferIn: (data) => (data.includes(0) ? data.indexOf(0) : data.length),
      stringOut: /^No such file/,
    },
  }
}

function callsOf(library) {
  const seal = library.func(
    'int cores_seal(const uint8_t *data, size_t len, _Out_ uint8_t *out, size_t out_len)',
  )
  const sealText = library.func(
    'int cores_seal(const char *data, size_t len, _Out_ uint8_t *out, size_t out_len)',
  )
  const unseal = library.func(
    'int cores_unseal(const uint8_t *record, size_t len, _Out_ uint8_t *out, size_t out_len)',
  )
  const unified = library.func(
    'int64_t cores_unified(const uint8_t *old, size_t old_len, const uint8_t *new, size_t new_len, _Out_ uint8_t *out, size_t out_len)',
  )
  return {
    seal: (data) => {
      const record = Buffer.allocUnsafe(data.length + OVERHEAD)
      return filled(seal(data, data.length, record, record.length), record)
    },
    sealText: (text) => {
      const length = Buffer.byteLength(text)
      const record = Buffer.allocUnsafe(length + OVERHEAD)
      return filled(sealText(text, length, record, record.length), record)
    },
    sealElsewhere: (data) => {
      const record = Buffer.allocUnsafe(data.length + OVERHEAD)
      return inBackground(seal, data, data.length, record, record.length).then((code) =>
        filled(code, record),
      )
    },
    unseal: (record) => {
      const data = Buffer.allocUnsafe(record.length - OVERHEAD)
      return filled(unseal(record, record.length, data, data.length), data)
    },
    unified: (old, new_) => {
      const patch = Buffer.allocUnsafe(PATCH_ROOM)
      const length = unified(old, old.length, new_, new_.length, patch, patch.length)
      return filled(length < 0 ? -1 : 0, patch).toString('utf8', 0, Number(length))
    },
  }
}

/** On another thread. */
export function inBackground(call, ...args) {
  return new Promise((resolve, reject) => {
    call.async(...args, (error, result) => (error ? reject(error) : resolve(result)))
  })
}

function filled(code, buffer) {
  if (code !== 0) throw new Error('a call through the C ABI failed')
  return buffer
}
