// Texts for the tests of diffs and patches, and the tools that they are compared with.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Pairs with one shortest edit script each, so that every tool must find it. */
export const pairs = {
  'two empty texts': ['', ''],
  'equal texts': ['a\nb\n', 'a\nb\n'],
  'a text from nothing': ['', 'a\nb\n'],
  'a text to nothing': ['a\nb\n', ''],
  'a line without newline from nothing': ['', 'a'],
  'a newline added at the end': ['a\nb', 'a\nb\n'],
  'a newline lost at the end': ['a\nb\n', 'a\nb'],
  'no newline on either side': ['a\nb', 'a\nc'],
  'context without newline': ['a\nb\nc', 'x\nb\nc'],
  'an empty line': ['a\n\nb\n', 'a\nb\n'],
  CRLF: ['a\r\nb\r\nc\r\n', 'a\r\nx\r\nc\r\n'],
  'CRLF against LF': ['a\r\nb\r\n', 'a\nb\n'],
  'a lone CR': ['a\rb\rc', 'a\rx\rc'],
  NUL: ['a\0b\nc\n', 'a\0b\nd\n'],
  'other line ends of Unicode': ['a\u2028b\u0085c\vd\fe\n', 'a\u2028b\u0085c\vd\ff\n'],
  accents: ['é\nüber\n', 'é\nunter\n'],
  emoji: ['😀\n👩‍👩‍👧\n', '😀\n👩‍👩‍👦\n'],
  'very long lines': [`${'x'.repeat(300_000)}\nend\n`, `${'x'.repeat(299_999)}y\nend\n`],
  'changes that share a hunk': [
    lines(1, 30),
    lines(1, 30).replace('n5\n', 'a\n').replace('n11\n', 'b\n'),
  ],
  'changes far apart': [lines(1, 60), lines(1, 60).replace('n5\n', '').replace('n50\n', 'b\nc\n')],
}

/** Pairs that only bytes can hold. */
export const bytePairs = {
  'invalid UTF-8': [
    Buffer.from([0xff, 10, 0xc3, 10, 97, 10]),
    Buffer.from([0xff, 10, 0xc3, 0x28, 10, 97, 10]),
  ],
  'every byte': [
    Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256)),
    Buffer.from(Array.from({ length: 256 }, (_, at) => at)),
  ],
}

function lines(first, last) {
  return Array.from({ length: last - first + 1 }, (_, at) => `n${first + at}\n`).join('')
}

/** A generator of whole numbers below a bound, the same on every run (mulberry32). */
export function randomSource(seed) {
  let state = seed
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}

const WORDS = [
  'a',
  'b',
  'c',
  'é',
  '😀',
  '\ud83d',
  '',
  ' ',
  '\t',
  '\r',
  'word',
  '@@ -1 +1 @@',
  '--- x',
  '\\ No',
]

/** A text of a few lines, and one that was edited from it. */
export function randomPair(random) {
  const line = () => Array.from({ length: random(3) }, () => WORDS[random(WORDS.length)]).join('')
  const old = Array.from({ length: random(20) }, line)
  const edited = old.flatMap((one) => [[one], [one], [one], [], [one, line()], [line()]][random(6)])
  const ending = () => (random(4) === 0 ? '' : '\n')
  return [old, edited].map((some) => (some.length === 0 ? '' : some.join('\n') + ending()))
}

/** Two texts of more than a megabyte with a few changes. */
export function largePair() {
  const random = randomSource(7)
  const old = Array.from(
    { length: 40_000 },
    (_, at) => `  ${at}: a line of a large document, ${random(1000)}`,
  )
  const edited = old.flatMap((one, at) => (at % 397 === 5 ? [`${one}!`, 'added'] : [one]))
  return [old, edited].map((some) => `${some.join('\n')}\n`)
}

/** Texts whose shortest script takes many seconds to find. */
export function hostilePair() {
  const random = randomSource(3)
  const text = () => Array.from({ length: 300_000 }, () => 'abcdefgh'[random(8)]).join('\n')
  return [text(), text()]
}

/** The hunks that GNU diff finds, as a Buffer. */
export function gnuDiff(oldText, newText, ...flags) {
  if (!flags.some((flag) => flag.startsWith('-U'))) flags.push('-u')
  return inFolder((folder) => {
    writeFileSync(path.join(folder, 'old'), oldText)
    writeFileSync(path.join(folder, 'new'), newText)
    const { status, stdout, stderr } = spawnSync('diff', ['--text', ...flags, 'old', 'new'], {
      cwd: folder,
    })
    assert.ok(status === 0 || status === 1, stderr.toString())
    return stdout.subarray(stdout.indexOf('\n', stdout.indexOf('\n') + 1) + 1)
  })
}

export function inFolder(use) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-diff-'))
  try {
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Values that are no text, by what they are. */
export function notTexts() {
  const shared = new Uint8Array(new SharedArrayBuffer(4))
  return {
    null: null,
    undefined: undefined,
    'a number': 1,
    'a bigint': 1n,
    'a boolean': true,
    'a symbol': Symbol('text'),
    'an object': {},
    'an array': ['a'],
    'a function': () => 'a',
    'a String object': new String('a'),
    'a DataView': new DataView(new ArrayBuffer(4)),
    'an ArrayBuffer': new ArrayBuffer(4),
    'a Uint16Array': new Uint16Array(4),
    'a proxy of a Buffer': new Proxy(Buffer.from('a'), {}),
    'shared memory': shared,
    'a detached buffer': detached(),
  }
}

function detached() {
  const bytes = new Uint8Array(4)
  detach(bytes)
  return bytes
}

export function detach(bytes) {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
}

/** What `assert.throws` and `assert.rejects` take: an error with that code, made by this package. */
export function coded(code, message) {
  return (error) => {
    assert.ok(error instanceof Error)
    assert.equal(error.code, code, error.stack)
    assert.equal(error.retryable, false)
    if (message !== undefined) assert.match(error.message, message)
    return true
  }
}

/** Milliseconds of processor time that this process uses in half a second. */
export async function processorTimeOfHalfASecond() {
  const before = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
