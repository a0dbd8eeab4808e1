// Patches: parsed, applied, reversed and written, with git and the npm package diff as witnesses.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { suite, test } from 'node:test'
import * as jsdiff from 'diff'
import { applyPatch, Differ, formatPatch, parsePatch, reversePatch } from 'sealdiff'
import {
  bytePairs,
  coded,
  detach,
  inFolder,
  largePair,
  notTexts,
  pairs,
  randomPair,
  randomSource,
} from './support/diff.mjs'

const differ = new Differ()
const NAMES = { header: { oldName: 'x', newName: 'x' } }
const MULTI = `diff --git a/one b/one
old mode 100644
new mode 100755
index 0123456..789abcd
--- a/one
+++ b/one
@@ -1,2 +1,2 @@ function one() {
 a
-b
+c
diff --git a/two b/three
similarity index 90%
rename from two
rename to three
--- a/two
+++ b/three
@@ -1 +1 @@
-a
\\ No newline at end of file
+b
diff --git a/new b/new
new file mode 100644
--- /dev/null
+++ b/new
@@ -0,0 +1 @@
+x
diff --git a/image.png b/image.png
Binary files a/image.png and b/image.png differ
`

function* texts(rounds) {
  for (const [oldText, newText] of Object.values(pairs)) {
    yield [oldText, newText]
    yield [Buffer.from(oldText), Buffer.from(newText)]
  }
  yield* Object.values(bytePairs)
  const random = randomSource(rounds)
  for (let round = 0; round < rounds; round++) yield randomPair(random)
}

/** What a call gives, or the code of its error. */
function outcome(call) {
  try {
    return call()
  } catch ({ code }) {
    return code
  }
}

suite('applyPatch', () => {
  test('turns the old text into the new one, from the text of a patch or from the object', () => {
    for (const [oldText, newText] of texts(300)) {
      const patch = differ.unifiedSync(oldText, newText)
      assert.deepEqual(applyPatch(oldText, patch), newText)
      for (const parsed of parsePatch(patch)) {
        assert.deepEqual(applyPatch(oldText, parsed), newText)
      }
    }
  })

  test('takes patches that were made without regard to white space', () => {
    const [oldText, newText] = ['a \nb', 'a\nb\nc\n']
    const patch = new Differ({ ignoreWhitespace: true }).unifiedSync(oldText, newText)
    const [parsed] = parsePatch(patch)
    assert.equal(formatPatch(parsed), patch)
    assert.equal(
      outcome(() => applyPatch(oldText, parsed)),
      outcome(() => applyPatch(oldText, patch)),
    )
  })

  test('takes any context', () => {
    const random = randomSource(21)
    for (let round = 0; round < 100; round++) {
      const [oldText, newText] = randomPair(random)
      const patch = differ.unifiedSync(oldText, newText, { context: round % 5 })
      assert.equal(applyPatch(oldText, patch), newText)
    }
  })

  test('takes a document of more than a megabyte', () => {
    const [oldText, newText] = largePair()
    const patch = differ.unifiedSync(oldText, newText, NAMES)
    assert.equal(applyPatch(oldText, patch), newText)
    assert.equal(applyPatch(newText, reversePatch(parsePatch(patch)[0])), oldText)
  })

  test('gives a Buffer if the text or the patch is bytes', () => {
    const patch = '@@ -1 +1 @@\n-a\n+b\n'
    const bytes = Buffer.from(patch)
    const object = parsePatch(bytes)[0]
    assert.equal(applyPatch('a\n', patch), 'b\n')
    for (const [text, some] of [
      [Buffer.from('a\n'), patch],
      ['a\n', bytes],
      ['a\n', object],
    ]) {
      const patched = applyPatch(text, some)
      assert.ok(Buffer.isBuffer(patched))
      assert.equal(patched.toString(), 'b\n')
    }
  })

  test('finds hunks that have moved, as far as is allowed', () => {
    const [patch] = parsePatch('@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n')
    const moved = `1\n2\n3\na\nb\nc\n`
    assert.equal(applyPatch(moved, patch), '1\n2\n3\na\nx\nc\n')
    assert.equal(applyPatch(moved, patch, { maxOffset: 3 }), '1\n2\n3\na\nx\nc\n')
    assert.throws(() => applyPatch(moved, patch, { maxOffset: 2 }), coded('ERR_PATCH_MISMATCH'))
  })

  test('leaves context out with fuzz', () => {
    const patch = '@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n'
    assert.throws(() => applyPatch('A\nb\nc\n', patch), coded('ERR_PATCH_MISMATCH', /hunk 1/))
    assert.equal(applyPatch('A\nb\nc\n', patch, { fuzz: 1 }), 'A\nx\nc\n')
  })

  test('lets line ends follow the text on request', () => {
    const patch = '@@ -1 +1 @@\n-a\n+b\n'
    assert.throws(() => applyPatch('a\r\n', patch), coded('ERR_PATCH_MISMATCH'))
    assert.throws(
      () => applyPatch('a\r\n', patch, { lineEndings: 'exact' }),
      coded('ERR_PATCH_MISMATCH'),
    )
    assert.equal(applyPatch('a\r\n', patch, { lineEndings: 'follow-text' }), 'b\r\n')
  })

  test('names the hunk that does not fit, and hints at what to do', () => {
    const patch = '@@ -1 +1 @@\n-a\n+b\n@@ -3 +3 @@\n-c\n+d\n'
    assert.throws(
      () => applyPatch('a\nb\nx\n', patch),
      (error) =>
        coded('ERR_PATCH_MISMATCH', /hunk 2 \(@@ -3 \+3 @@\)/)(error) && error.hint !== undefined,
    )
  })

  test('refuses to add a file to a text', () => {
    const added = parsePatch(MULTI)[2]
    assert.equal(applyPatch('', added), 'x\n')
    assert.throws(() => applyPatch('y\n', added), coded('ERR_PATCH_TARGET_EXISTS'))
  })

  test('refuses a binary patch', () => {
    assert.throws(() => applyPatch('', parsePatch(MULTI)[3]), coded('ERR_PATCH_BINARY'))
  })

  test('gives up a search that a hostile patch makes hopeless', () => {
    const context = ' a\n'.repeat(50_000)
    const patch = `@@ -1,50001 +1,50001 @@\n${context}-b\n+c\n`
    const start = performance.now()
    assert.throws(
      () => applyPatch('a\n'.repeat(100_000), patch, { fuzz: 4_294_967_295 }),
      coded('ERR_PATCH_SEARCH_LIMIT', /hunk 1/),
    )
    assert.ok(performance.now() - start < 10_000)
  })

  test('refuses the text of several patches, and says how many', () => {
    assert.throws(
      () => applyPatch('a\nb\n', MULTI),
      (error) =>
        coded('ERR_INVALID_ARG_VALUE', /holds 4$/)(error) && error.hint.includes('parsePatch()'),
    )
    assert.throws(
      () => applyPatch('a', 'no patch at all'),
      coded('ERR_INVALID_ARG_VALUE', /holds 0$/),
    )
  })

  test('takes an empty patch as no change', () => {
    assert.equal(applyPatch('a', ''), 'a')
    assert.deepEqual(applyPatch('a', Buffer.alloc(0)), Buffer.from('a'))
  })

  test('refuses wrong types', () => {
    for (const value of Object.values(notTexts())) {
      assert.throws(() => applyPatch(value, ''), coded('ERR_INVALID_ARG_TYPE', /^text /))
      assert.throws(() => applyPatch('', value), coded('ERR_INVALID_ARG_TYPE', /^patch/))
      assert.throws(() => parsePatch(value), coded('ERR_INVALID_ARG_TYPE', /^text /))
    }
    assert.throws(() => applyPatch('', parsePatch('')), coded('ERR_INVALID_ARG_TYPE', /^patch /))
  })

  test('refuses wrong options', () => {
    const refused = [
      [{ fuzz: -1 }, 'ERR_INVALID_ARG_VALUE', /^fuzz /],
      [{ fuzz: Number.NaN }, 'ERR_INVALID_ARG_VALUE', /^fuzz /],
      [{ fuzz: '1' }, 'ERR_INVALID_ARG_TYPE', /^fuzz /],
      [{ maxOffset: 2 ** 32 }, 'ERR_INVALID_ARG_VALUE', /^maxOffset /],
      [{ lineEndings: 'crlf' }, 'ERR_INVALID_ARG_VALUE', /^lineEndings /],
      [{ fuzzFactor: 1 }, 'ERR_INVALID_ARG_VALUE', /^fuzzFactor is not an option/],
      [null, 'ERR_INVALID_ARG_TYPE', /^options /],
    ]
    for (const [options, code, message] of refused) {
      assert.throws(() => applyPatch('', '', options), coded(code, message))
    }
  })
})

suite('parsePatch', () => {
  test('tells what git says of each file', () => {
    const [one, two, added, binary] = parsePatch(MULTI)
    assert.deepEqual(one, {
      oldName: 'a/one',
      newName: 'b/one',
      git: {
        oldName: 'a/one',
        newName: 'b/one',
        oldMode: 0o100644,
        newMode: 0o100755,
        isNew: false,
        isDeleted: false,
        index: { old: '0123456', new: '789abcd' },
      },
      isBinary: false,
      hunks: [
        {
          oldStart: 1,
          oldLines: 2,
          newStart: 1,
          newLines: 2,
          section: 'function one() {',
          lines: [' a', '-b', '+c'],
        },
      ],
    })
    assert.deepEqual(
      [two.git.similarity, two.git.renameFrom, two.git.renameTo, two.hunks[0].lines],
      [90, 'two', 'three', ['-a', '\\ No newline at end of file', '+b']],
    )
    assert.deepEqual(
      [added.oldName, added.git.isNew, added.git.newMode, added.hunks[0].oldStart],
      ['/dev/null', true, 0o100644, 0],
    )
    assert.deepEqual([binary.isBinary, binary.oldName, binary.hunks], [true, null, []])
  })

  test('tells times and index lines', () => {
    const [patch] = parsePatch(jsdiff.createPatch('some file', 'a\n', 'b\n', 'then', 'now'))
    assert.deepEqual(
      [patch.index, patch.oldName, patch.oldHeader, patch.newHeader, patch.git],
      ['some file', 'some file', 'then', 'now', undefined],
    )
  })

  test('gives Buffers for bytes', () => {
    const [patch] = parsePatch(Buffer.from(MULTI))
    assert.deepEqual(patch.oldName, Buffer.from('a/one'))
    assert.deepEqual(patch.git.index.old, Buffer.from('0123456'))
    assert.deepEqual(patch.hunks[0].section, Buffer.from('function one() {'))
    assert.deepEqual(patch.hunks[0].lines[1], Buffer.from('-b'))
  })

  test('names the line that is wrong', () => {
    const malformed = {
      '@@ -1 +1 @@\n-a\n': 3,
      '\n@@ -1 +1 @@\n-a\nx\n': 4,
      '@@ -1 +1\n-a\n+b\n': 1,
      '@@ -99999999999 +1 @@\n-a\n+b\n': 1,
      '@@@ -1 -1 +1 @@@\n': 1,
    }
    for (const [text, line] of Object.entries(malformed)) {
      const refusal = coded('ERR_PATCH_INVALID', new RegExp(`line ${line}:`))
      assert.throws(() => parsePatch(text), refusal)
      assert.throws(() => applyPatch('', text), refusal)
    }
  })

  test('finds no patch where there is none', () => {
    assert.deepEqual(parsePatch(''), [])
    assert.deepEqual(parsePatch('some text\nand more\n'), [])
  })
})

suite('formatPatch', () => {
  test('writes what parsePatch read', () => {
    for (const [oldText, newText] of texts(100)) {
      const patch = differ.unifiedSync(oldText, newText, NAMES)
      assert.deepEqual(formatPatch(parsePatch(patch)).toString(), patch.toString())
    }
    assert.equal(formatPatch(parsePatch(MULTI)), MULTI)
    assert.deepEqual(formatPatch(parsePatch(Buffer.from(MULTI))), Buffer.from(MULTI))
  })

  test('takes one patch or several', () => {
    const patches = parsePatch(MULTI)
    assert.equal(patches.map((patch) => formatPatch(patch)).join(''), MULTI)
    assert.equal(formatPatch([]), '')
  })

  test('takes a patch that is made by hand', () => {
    const hunk = { oldStart: 1, oldLines: 2, newStart: 1, newLines: 2, lines: ['', '-a', '+b'] }
    const patch = { oldName: 'x', newName: 'y', isBinary: false, hunks: [hunk], note: 'mine' }
    assert.equal(formatPatch(patch), '--- x\n+++ y\n@@ -1,2 +1,2 @@\n \n-a\n+b\n')
    assert.equal(applyPatch('\na\n', patch), '\nb\n')
  })
})

suite('reversePatch', () => {
  test('undoes a patch', () => {
    for (const [oldText, newText] of texts(200)) {
      for (const patch of parsePatch(differ.unifiedSync(oldText, newText))) {
        assert.deepEqual(applyPatch(newText, reversePatch(patch)), oldText)
        assert.deepEqual(reversePatch(reversePatch(patch)), patch)
      }
    }
  })

  test('turns round what git says', () => {
    const [, two, added] = parsePatch(MULTI).map((patch) => reversePatch(patch))
    assert.deepEqual([two.oldName, two.git.renameFrom], ['b/three', 'three'])
    assert.deepEqual(
      [added.newName, added.git.isDeleted, added.git.isNew],
      ['/dev/null', true, false],
    )
  })

  test('undoes several from the last to the first', () => {
    const patches = parsePatch(MULTI)
    assert.deepEqual(reversePatch(patches), patches.map((patch) => reversePatch(patch)).reverse())
  })

  test('refuses the text of a patch', () => {
    assert.throws(() => reversePatch(MULTI), coded('ERR_INVALID_ARG_TYPE', /^patch /))
  })
})

suite('patch objects are checked', () => {
  const TYPE = 'ERR_INVALID_ARG_TYPE'
  const VALUE = 'ERR_INVALID_ARG_VALUE'
  const INVALID = 'ERR_PATCH_INVALID'
  const hunk = (change) => (patch) => Object.assign(patch.hunks[0], change)
  const git = (change) => (patch) => Object.assign(patch.git, change)
  const lines = (...lines) => hunk({ oldLines: 1, newLines: 1, lines })
  const NO_NEWLINE = '\\ No newline at end of file'
  const wrong = [
    ['a name of a wrong type', (patch) => (patch.oldName = 1), TYPE, /\.oldName /],
    ['a missing name', (patch) => delete patch.newName, TYPE, /\.newName /],
    ['one name of two', (patch) => (patch.newName = null), VALUE, /newName /],
    ['a missing isBinary', (patch) => delete patch.isBinary, TYPE, /\.isBinary /],
    ['hunks that are no array', (patch) => (patch.hunks = {}), TYPE, /\.hunks /],
    ['a hunk that is none', (patch) => (patch.hunks = [null]), TYPE, /\.hunks\[0\] /],
    ['a hole among the hunks', (patch) => (patch.hunks.length = 2), TYPE, /\.hunks\[1\] /],
    ['a header of two lines', (patch) => (patch.oldHeader = 'a\n+++ b'), VALUE, /oldHeader /],
    ['a git header that is none', (patch) => (patch.git = 'git'), TYPE, /\.git /],
    ['a git name that is none', git({ oldName: null }), TYPE, /\.git\.oldName /],
    ['a mode that is none', git({ oldMode: -1 }), VALUE, /\.git\.oldMode /],
    ['a huge mode', git({ newMode: 0o10000000 }), VALUE, /\.git\.newMode /],
    ['a percentage that is none', git({ similarity: 101 }), VALUE, /\.git\.similarity /],
    ['object names of two lines', git({ index: { old: 'a\n', new: 'b' } }), VALUE, /index\.old /],
    ['a start of a wrong type', hunk({ oldStart: '1' }), TYPE, /\.hunks\[0\]\.oldStart /],
    ['a missing start', hunk({ newStart: undefined }), TYPE, /\.newStart /],
    ['a negative start', hunk({ oldStart: -1 }), VALUE, /\.oldStart /],
    ['a start that is not whole', hunk({ oldStart: 0.5 }), VALUE, /\.oldStart /],
    ['a huge start', hunk({ oldStart: 2 ** 32 - 1 }), INVALID, /hunk 1 .* too large/],
    ['too few lines', hunk({ oldLines: 3 }), INVALID, /hunk 1 .*counts/],
    ['too many lines', hunk({ newLines: 0 }), INVALID, /hunk 1 .*counts/],
    ['lines that are no array', hunk({ lines: ' a' }), TYPE, /\.lines /],
    ['a line that is no text', hunk({ lines: [' a', 1] }), TYPE, /\.lines\[1\] /],
    ['a line without sign', lines('a'), INVALID, /hunk 1 .*begins/],
    ['a line end inside a line', lines(' a\nb'), INVALID, /hunk 1 .*line end/],
    ['a marker without line', lines(NO_NEWLINE, ' a'), INVALID, /hunk 1 /],
    ['two markers after a line', lines(' a', NO_NEWLINE, NO_NEWLINE), INVALID, /hunk 1 /],
    [
      'a line after the last',
      hunk({ oldLines: 2, newLines: 2, lines: [' a', NO_NEWLINE, ' b'] }),
      INVALID,
      /hunk 1 /,
    ],
    ['a section of two lines', hunk({ section: 'a\nb' }), INVALID, /hunk 1 .*section/],
  ]
  for (const [name, change, code, message] of wrong) {
    test(`for ${name}`, () => {
      const [patch] = parsePatch(MULTI)
      change(patch)
      const refusal = coded(code, message)
      assert.throws(() => applyPatch('a\nb\n', patch), refusal)
      assert.throws(() => reversePatch(patch), refusal)
      assert.throws(() => formatPatch(patch), refusal)
      assert.throws(
        () => formatPatch([patch]),
        (error) => error.code === code,
      )
    })
  }

  test('for lines in memory that is shared or gone', () => {
    for (const name of ['shared memory', 'a detached buffer']) {
      const [patch] = parsePatch(MULTI)
      patch.hunks[0].lines[0] = notTexts()[name]
      assert.throws(
        () => applyPatch('a\nb\n', patch),
        coded(TYPE, /^patch\.hunks\[0\]\.lines\[0\] must not be backed/),
      )
    }
  })

  test('and read once, before the text', () => {
    const [patch] = parsePatch(MULTI)
    const text = new Uint8Array(Buffer.from('a\nb\n'))
    let reads = 0
    Object.defineProperty(patch, 'hunks', {
      get() {
        reads++
        if (reads === 1) detach(text)
        return []
      },
    })
    assert.throws(() => applyPatch(text, patch), coded(TYPE, /^text .*detached/))
    assert.equal(reads, 1)
  })

  test('and errors of getters and proxies come through as they are', () => {
    const thrown = new Error('mine')
    const patch = new Proxy(
      {},
      {
        get: () => {
          throw thrown
        },
      },
    )
    assert.throws(
      () => applyPatch('', patch),
      (error) => error === thrown,
    )
  })
})

test('no text makes parsing fail without a code, or gives what cannot be written and read', () => {
  const random = randomSource(42)
  const pieces = [
    '@@ -1 +1 @@\n',
    '--- a\n',
    '+++ b\n',
    '\\\n',
    '-',
    '+',
    ' ',
    '\n',
    '\r\n',
    '"',
    '4294967295',
  ]
  const damaged = (text) => {
    const [at, to] = [random(text.length), random(text.length)]
    if (random(2) === 0) return text.slice(0, at) + pieces[random(pieces.length)] + text.slice(at)
    return text.slice(0, Math.min(at, to)) + text.slice(Math.max(at, to))
  }
  const hunksOf = (patches) => patches.flatMap(({ hunks }) => hunks)
  let parsed = 0
  for (let round = 0; round < 3_000; round++) {
    const text = random(2) === 0 ? damaged(MULTI) : damaged(damaged(MULTI))
    try {
      const patches = parsePatch(text)
      const again = parsePatch(formatPatch(reversePatch(reversePatch(patches))))
      // Fragments of headers may join their neighbours; hunks stay what they are.
      assert.deepEqual(hunksOf(again), hunksOf(patches))
      parsed++
      for (const patch of patches) applyPatch('a\nb\n', patch, { fuzz: random(3) })
    } catch (error) {
      assert.match(`${error.code}`, /^ERR_PATCH_/, error.stack)
    }
  }
  assert.ok(parsed > 500)
})

suite('the npm package diff', () => {
  test('applies our patches', () => {
    for (const [oldText, newText] of texts(200)) {
      if (typeof oldText !== 'string' || oldText === newText) continue
      const patch = differ.unifiedSync(oldText, newText, NAMES)
      const options = { autoConvertLineEndings: false }
      // Its parser takes a line like `--- x` in a hunk for a header.
      if (/^-- |^\+\+ /m.test(oldText + newText)) continue
      assert.equal(jsdiff.applyPatch(oldText, patch, options), newText)
    }
  })

  test('reads the same hunks', () => {
    for (const [oldText, newText] of Object.values(pairs)) {
      if (oldText === newText) continue
      const patch = differ.unifiedSync(oldText, newText, NAMES)
      const [ours] = parsePatch(patch)
      const [theirs] = jsdiff.parsePatch(patch)
      assert.deepEqual(
        ours.hunks.map(({ lines }) => lines),
        theirs.hunks.map(({ lines }) => lines),
      )
    }
  })

  test('writes patches that we apply and reverse', () => {
    for (const [oldText, newText] of texts(200)) {
      if (typeof oldText !== 'string') continue
      const patch = jsdiff.createTwoFilesPatch('x', 'y', oldText, newText)
      assert.equal(applyPatch(oldText, patch), newText)
      assert.equal(applyPatch(newText, reversePatch(parsePatch(patch)[0])), oldText)
    }
  })
})

suite('git', () => {
  const git = (cwd, ...args) => {
    const { status, stdout, stderr } = spawnSync('git', ['-c', 'core.autocrlf=false', ...args], {
      cwd,
    })
    assert.equal(status, 0, stderr.toString())
    return stdout
  }

  test('applies our patches, which add, change and delete files', () => {
    const header = (oldName, newName, modes) => ({
      header: { style: 'git', oldName, newName, ...modes },
    })
    inFolder((folder) => {
      git(folder, 'init', '--quiet')
      const file = (name) => path.join(folder, name)
      const [oldText, newText] = pairs['changes far apart']
      writeFileSync(file('old name ü'), oldText)
      writeFileSync(file('gone'), 'a\nb')
      const patch = [
        differ.unifiedSync(oldText, newText, {
          ...header('old name ü', 'old name ü', { oldMode: 0o100644, newMode: 0o100755 }),
        }),
        differ.unifiedSync('', 'new\n', header(null, 'added')),
        differ.unifiedSync('a\nb', '', header('gone', null)),
      ].join('')
      writeFileSync(file('patch'), patch)
      git(folder, 'apply', 'patch')
      assert.equal(readFileSync(file('old name ü'), 'utf8'), newText)
      assert.equal(statSync(file('old name ü')).mode & 0o100, 0o100)
      assert.equal(readFileSync(file('added'), 'utf8'), 'new\n')
      assert.throws(() => statSync(file('gone')), { code: 'ENOENT' })
      git(folder, 'apply', '--reverse', 'patch')
      writeFileSync(file('reversed'), formatPatch(reversePatch(parsePatch(patch))))
      git(folder, 'apply', 'patch')
      git(folder, 'apply', 'reversed')
      assert.equal(readFileSync(file('old name ü'), 'utf8'), oldText)
      assert.equal(readFileSync(file('gone'), 'utf8'), 'a\nb')
    })
  })

  test('writes patches that we apply', () => {
    inFolder((folder) => {
      git(folder, 'init', '--quiet')
      for (const [oldText, newText] of [...Object.values(pairs), ...Object.values(bytePairs)]) {
        const [oldBytes, newBytes] = [Buffer.from(oldText), Buffer.from(newText)]
        writeFileSync(path.join(folder, 'file'), oldBytes)
        git(folder, 'add', 'file')
        writeFileSync(path.join(folder, 'file'), newBytes)
        const patch = git(folder, 'diff', '--text', 'file')
        assert.deepEqual(applyPatch(oldBytes, patch), newBytes)
      }
    })
  })
})

test('a setter on Array.prototype that detaches the patch finds nothing to spoil', () => {
  const program = `
    const { parsePatch } = require('sealdiff')
    const text = '--- a\\n+++ b\\n@@ -1 +1 @@\\n-x\\n+y\\n'.repeat(2)
    const bytes = new Uint8Array(8 << 20).fill(0x23)
    bytes.set(Buffer.from(text))
    Object.defineProperty(Array.prototype, '0', {
      configurable: true,
      set() {
        delete Array.prototype[0] // from Node.js 22 on, structuredClone itself would run into it
        structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
        gc()
      },
    })
    parsePatch(bytes)
    console.log('alive', bytes.length)`
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', '-e', program], {
    encoding: 'utf8',
  })
  assert.deepEqual([status, stdout], [0, 'alive 0\n'])
})
