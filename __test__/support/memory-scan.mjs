// Looks for byte strings in another process's memory, as Linux shows it to its parent.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

const CHUNK_BYTES = 1 << 20
/** Bytes that a pattern begins with decide whether it is worth looking at: one in hundreds is. */
const PREFIX_VALUES = 1 << 24

/** The mappings of a process: addresses, permissions, flags, and what of them is in memory. */
export function mappings(pid) {
  const found = []
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (\S+) /.exec(line)
    if (head) {
      const [start, end] = [head[1], head[2]].map((address) => Number.parseInt(address, 16))
      found.push({ start, end, permissions: head[3], flags: [], residentKib: 0 })
    }
    const [, name, value] = /^(\w+):\s+(.*)/.exec(line) ?? []
    if (name === 'Rss' || name === 'Swap') found.at(-1).residentKib += Number.parseInt(value, 10)
    if (name === 'VmFlags') found.at(-1).flags = value.trim().split(' ')
  }
  return found
}

/**
 * Which of `patterns` (name → 16 bytes or more, told apart by their first 16) lie in the writable
 * memory of a process that is not locked.
 */
export function scanUnlocked(pid, patterns) {
  const search = searchFor(patterns)
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    for (const { start, end, permissions, flags, residentKib } of mappings(pid)) {
      const isSearched = permissions.startsWith('rw') && residentKib > 0 && !flags.includes('lo')
      if (isSearched) searchRange(memory, start, end, search)
    }
  } finally {
    closeSync(memory)
  }
  return search.found
}

function searchFor(patterns) {
  const prefixes = new Uint8Array(PREFIX_VALUES)
  const names = new Map()
  for (const [name, bytes] of patterns) {
    prefixes[bytes.readUIntBE(0, 3)] = 1
    names.set(bytes.toString('latin1', 0, 16), name)
  }
  return { prefixes, names, found: new Set(), bytes: 0 }
}

function searchRange(memory, start, end, search) {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  // Chunks overlap, so that a pattern on a border is seen.
  for (let at = start; at < end; at += CHUNK_BYTES - 15) {
    const length = readOrNothing(memory, chunk, Math.min(CHUNK_BYTES, end - at), at)
    searchChunk(chunk, length, search)
  }
}

/** Some mappings can't be read: those of devices. */
function readOrNothing(memory, chunk, length, at) {
  try {
    return readSync(memory, chunk, 0, length, at)
  } catch (error) {
    if (error.code === 'EIO') return 0
    throw error
  }
}

function searchChunk(chunk, length, { prefixes, names, found }) {
  let prefix = 0
  for (let end = 0; end < length; end++) {
    prefix = ((prefix << 8) | chunk[end]) & (PREFIX_VALUES - 1)
    if (prefixes[prefix] === 0 || end < 2) continue
    const name = names.get(chunk.toString('latin1', end - 2, end + 14))
    if (name !== undefined && end + 14 <= length) found.add(name)
  }
}
