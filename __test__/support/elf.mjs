// Executable files of a few bytes, for what the loader reads of them: ELF64, little-endian.
const PT_INTERP = 3
const PT_LOAD = 1
const HEADER_LENGTH = 64
const ENTRY_LENGTH = 56

/** An executable that asks for `interpreter` (none: a static one), the string at `interpreterAt`. */
export function elf({ interpreter, interpreterAt = 4096 } = {}) {
  const entries = [programHeader(PT_LOAD, 0, 0)]
  const text = Buffer.from(`${interpreter ?? ''}\0`)
  if (interpreter) entries.push(programHeader(PT_INTERP, interpreterAt, text.length))
  const file = Buffer.alloc(interpreterAt + text.length)
  elfHeader(entries.length).copy(file)
  Buffer.concat(entries).copy(file, HEADER_LENGTH)
  text.copy(file, interpreterAt)
  return file
}

function elfHeader(entryCount) {
  const header = Buffer.alloc(HEADER_LENGTH)
  header.write('\x7fELF', 'latin1')
  header[4] = 2 // 64-bit
  header[5] = 1 // little-endian
  header.writeBigUInt64LE(BigInt(HEADER_LENGTH), 32)
  header.writeUInt16LE(ENTRY_LENGTH, 54)
  header.writeUInt16LE(entryCount, 56)
  return header
}

function programHeader(type, offset, length) {
  const entry = Buffer.alloc(ENTRY_LENGTH)
  entry.writeUInt32LE(type, 0)
  entry.writeBigUInt64LE(BigInt(offset), 8)
  entry.writeBigUInt64LE(BigInt(length), 32)
  return entry
}
