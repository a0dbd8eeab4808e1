// What changed inside of changed lines: hunks({ inline: true }), and as terminals show it.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { Differ, formatPatch } from 'sealdiff'
import { coded, hostilePair, pairs, randomPair, randomSource } from './support/diff.mjs'

const ESCAPE = '\x1b'
const differ = new Differ()

/** For each line of a diff's hunks, its changed parts. */
function parts(diff, options) {
  return diff
    .hunks({ ...options, inline: true })
    .flatMap(({ lines, inline }) =>
      lines.map((line, at) => inline[at].map(([start, end]) => line.slice(start, end).toString())),
    )
}

/** What is left is not for the terminal to act on. */
const withoutColours = (shown) =>
  shown.replaceAll(new RegExp(`${ESCAPE}\\[(1|4|7|24|27|31|32|36)?m`, 'g'), '')

suite('inline parts', () => {
  test('are the words that changed', () => {
    assert.deepEqual(parts(differ.linesSync('a\nlet one = 1\n', 'a\nlet two = 1\n')), [
      [],
      ['one'],
      ['two'],
    ])
  })

  test('are the characters of words that are much alike', () => {
    assert.deepEqual(parts(differ.linesSync('v1.4.2\n', 'v1.5.2\n')), [['4'], ['5']])
    assert.deepEqual(parts(differ.linesSync('colour it\n', 'color it\n')), [['u'], []])
  })

  test('count UTF-16 units of strings and bytes of Buffers', () => {
    const [oldText, newText] = ['é😀 漢 one\n', 'é😀 漢 two\n']
    const [hunk] = differ.linesSync(oldText, newText).hunks({ inline: true })
    assert.deepEqual(hunk.inline, [[[7, 10]], [[7, 10]]])
    const ofBytes = differ.linesSync(Buffer.from(oldText), Buffer.from(newText))
    assert.deepEqual(ofBytes.hunks({ inline: true })[0].inline, [[[12, 15]], [[12, 15]]])
    assert.deepEqual(parts(ofBytes), [['one'], ['two']])
  })

  test('are empty for the marker of a missing newline', () => {
    const diff = differ.linesSync('say one', 'say two\n')
    assert.deepEqual(diff.hunks({ inline: true })[0].lines.length, 3)
    assert.deepEqual(parts(diff), [['one'], [], ['two']])
  })

  test('are empty for lines that have nothing in common', () => {
    assert.deepEqual(parts(differ.linesSync('alpha\n', 'import { x } from y\n')), [[], []])
  })

  test('leave the hunks as they are without them', () => {
    const random = randomSource(21)
    const texts = [
      ...Object.values(pairs),
      ...Array.from({ length: 100 }, () => randomPair(random)),
    ]
    for (const [oldText, newText] of texts) {
      for (const context of [0, 2]) {
        const diff = differ.linesSync(oldText, newText)
        const marked = diff.hunks({ context, inline: true })
        const plain = marked.map(({ inline, ...hunk }) => {
          assert.equal(inline.length, hunk.lines.length)
          for (const [at, line] of hunk.lines.entries()) {
            let end = 0
            for (const [from, to] of inline[at]) {
              assert.ok(end < from && from < to && to <= line.length)
              end = to
            }
          }
          return hunk
        })
        assert.deepEqual(plain, diff.hunks(context))
        assert.deepEqual(diff.hunks({ context }), diff.hunks(context))
      }
    }
  })

  test('are no hindrance to a patch', () => {
    const hunks = differ.linesSync('a b\n', 'a c\n').hunks({ inline: true })
    const patch = { oldName: 'x', newName: 'x', isBinary: false, hunks }
    assert.equal(formatPatch(patch), '--- x\n+++ x\n@@ -1 +1 @@\n-a b\n+a c\n')
  })

  test('end with the deadline', () => {
    const [oldText, newText] = hostilePair()
    const diff = new Differ({ deadlineMs: 0 }).linesSync(oldText, newText)
    assert.ok(parts(diff).every((ofLine) => ofLine.length === 0))
  })

  test('the options are checked', () => {
    const diff = differ.linesSync('a', 'b')
    assert.throws(() => diff.hunks({ inline: 1 }), coded('ERR_INVALID_ARG_TYPE', /^inline/))
    assert.throws(() => diff.hunks({ context: -1 }), coded('ERR_INVALID_ARG_VALUE', /^context/))
    assert.throws(
      () => diff.hunks({ words: true }),
      coded('ERR_INVALID_ARG_VALUE', /^words is not/),
    )
    assert.throws(() => diff.hunks(null), coded('ERR_INVALID_ARG_TYPE', /^context/))
  })
})

suite('ansi', () => {
  test('shows hunks in colours, with the changed parts in reverse', () => {
    const shown = differ
      .linesSync('a\nlet x = 1\n', 'a\nlet y = 1\n')
      .ansi({ oldName: 'o', newName: 'n' })
    const wanted = [
      '\x1b[1m--- o\x1b[m',
      '\x1b[1m+++ n\x1b[m',
      '\x1b[36m@@ -1,2 +1,2 @@\x1b[m',
      ' a',
      '\x1b[31m-let \x1b[7mx\x1b[27m = 1\x1b[m',
      '\x1b[32m+let \x1b[7my\x1b[27m = 1\x1b[m',
      '',
    ]
    assert.equal(shown, wanted.join('\n'))
  })

  test('is the unified diff, when the colours are taken away', () => {
    for (const [oldText, newText] of Object.values(pairs)) {
      if (/[^\n -~]/.test(oldText + newText)) continue
      const diff = differ.linesSync(oldText, newText)
      assert.equal(
        stripVTControlCharacters(diff.ansi({ context: 1 })),
        diff.unified({ context: 1 }),
      )
    }
  })

  test('shows any other unit in the whole text', () => {
    assert.equal(
      differ.wordsSync('one two', 'one 2').ansi(),
      'one \x1b[31mtwo\x1b[m\x1b[32m2\x1b[m',
    )
  })

  test('lets no sequence of a text reach the terminal', () => {
    const evil = 'a\x1b[2J\x1b]0;x\x07\x9b1m\r\u202e\ud800\n'
    for (const text of [evil, Buffer.from(evil), Buffer.from([0x1b, 0x9b, 0xff, 10])]) {
      for (const unit of ['lines', 'words', 'chars', 'graphemes', 'sentences']) {
        const shown = differ[`${unit}Sync`]('', text).ansi()
        assert.ok(shown.isWellFormed())
        assert.doesNotMatch(withoutColours(shown), /[^\n -~\ufffd]/)
      }
    }
    assert.match(
      differ.linesSync('', evil).ansi(),
      /\\x1b.*\\u\{9b\}.*\\r.*\\u\{202e\}.*\\u\{d800\}/,
    )
  })

  test('checks its options', () => {
    const diff = differ.linesSync('a', 'b')
    assert.throws(
      () => diff.ansi({ oldName: 'a' }),
      coded('ERR_INVALID_ARG_VALUE', /^newName must be given/),
    )
    assert.throws(
      () => diff.ansi({ newName: 'a' }),
      coded('ERR_INVALID_ARG_VALUE', /^oldName must be given/),
    )
    assert.throws(
      () => diff.ansi({ oldName: 1, newName: 'b' }),
      coded('ERR_INVALID_ARG_TYPE', /^oldName/),
    )
    assert.throws(
      () => diff.ansi({ colour: true }),
      coded('ERR_INVALID_ARG_VALUE', /^colour is not/),
    )
  })
})
