// TextDiff: operations, changes, hunks, statistics, and its life as a native object.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import v8 from 'node:v8'
import vm from 'node:vm'
import { diffChars, diffLines } from 'diff'
import { Differ, parsePatch, TextDiff } from 'sealdiff'
import { bytePairs, coded, largePair, pairs, randomPair, randomSource } from './support/diff.mjs'

const UNITS = ['lines', 'words', 'chars', 'graphemes', 'sentences']
const differ = new Differ()

/** Pairs as strings and as bytes. */
function* texts() {
  for (const [oldText, newText] of Object.values(pairs)) {
    if (oldText.length > 10_000) continue
    yield [oldText, newText]
    yield [Buffer.from(oldText), Buffer.from(newText)]
  }
  yield* Object.values(bytePairs)
  const random = randomSource(5)
  for (let round = 0; round < 200; round++) yield randomPair(random)
}

const join = (values, like) => (typeof like === 'string' ? values.join('') : Buffer.concat(values))

suite('changes', () => {
  for (const unit of UNITS) {
    test(`of ${unit} make up both texts`, () => {
      for (const [oldText, newText] of texts()) {
        const changes = differ[`${unit}Sync`](oldText, newText).changes()
        const values = (wanted) => changes.filter(wanted).map(({ value }) => value)
        assert.deepEqual(
          join(
            values(({ added }) => !added),
            oldText,
          ),
          oldText,
        )
        assert.deepEqual(
          join(
            values(({ removed }) => !removed),
            newText,
          ),
          newText,
        )
        assert.ok(changes.every(({ count, added, removed }) => count > 0 && !(added && removed)))
      }
    })
  }

  test('have the shape of the npm package diff', () => {
    for (const [oldText, newText] of [
      ['a\nb\nc\n', 'a\nx\nc\n'],
      ['', 'a\n'],
      ['a', 'a'],
    ]) {
      assert.deepEqual(differ.linesSync(oldText, newText).changes(), diffLines(oldText, newText))
    }
    assert.deepEqual(differ.charsSync('cat', 'cut').changes(), diffChars('cat', 'cut'))
  })

  test('never part a surrogate pair or a character', () => {
    const changes = differ.charsSync('a😀é', 'a😁e').changes()
    assert.deepEqual(
      changes.map(({ value, count }) => [value, count]),
      [
        ['a', 1],
        ['😀é', 2],
        ['😁e', 2],
      ],
    )
  })
})

suite('operations', () => {
  const TAKES = [
    [1, 1],
    [1, 0],
    [0, 1],
  ]

  test('turn the old lines into the new ones', () => {
    for (const [oldText, newText] of texts()) {
      const split = (text) => text.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? []
      const [oldLines, newLines] = [oldText, newText].map((text) => split(Buffer.from(text)))
      const ops = differ.linesSync(Buffer.from(oldText), Buffer.from(newText)).ops()
      assert.ok(ops instanceof Uint32Array)
      const made = []
      let [oldAt, newAt] = [0, 0]
      for (let at = 0; at < ops.length; at += 5) {
        const [tag, oldStart, oldLength, newStart, newLength] = ops.subarray(at, at + 5)
        assert.deepEqual([oldStart, newStart], [oldAt, newAt])
        const [takesOld, takesNew] = TAKES[tag]
        assert.deepEqual([oldLength > 0, newLength > 0], [takesOld === 1, takesNew === 1])
        const source = tag === 2 ? newLines.slice(newStart, newStart + newLength) : []
        made.push(...(tag === 0 ? oldLines.slice(oldStart, oldStart + oldLength) : source))
        oldAt += oldLength
        newAt += newLength
      }
      assert.deepEqual(made, newLines)
      assert.equal(oldAt, oldLines.length)
    }
  })

  test('count tokens, not characters', () => {
    assert.deepEqual([...differ.linesSync('a\nb\n', 'a\n').ops()], [0, 0, 1, 0, 1, 1, 1, 1, 1, 0])
    assert.deepEqual([...differ.wordsSync('', '').ops()], [])
  })

  test('are the caller’s own each time', () => {
    const diff = differ.linesSync('a', 'b')
    diff.ops().fill(9)
    assert.deepEqual([...diff.ops()], [1, 0, 1, 0, 0, 2, 1, 0, 0, 1])
  })
})

suite('hunks', () => {
  test('are those of the patch', () => {
    for (const [oldText, newText] of texts()) {
      for (const context of [0, 1, 3]) {
        const diff = new Differ({ context }).linesSync(oldText, newText)
        const [patch] = parsePatch(diff.unified())
        assert.deepEqual(diff.hunks(), patch?.hunks ?? [])
        assert.deepEqual(differ.linesSync(oldText, newText).hunks(context), patch?.hunks ?? [])
        assert.equal(diff.stats.hunks, diff.hunks().length)
      }
    }
  })

  test('mark lines without newline', () => {
    assert.deepEqual(differ.linesSync('a\nb', 'a\nb\n').hunks(), [
      {
        oldStart: 1,
        oldLines: 2,
        newStart: 1,
        newLines: 2,
        lines: [' a', '-b', '\\ No newline at end of file', '+b'],
      },
    ])
  })

  test('need a diff by lines', () => {
    for (const unit of ['words', 'chars']) {
      const diff = differ[`${unit}Sync`]('a b', 'a c')
      for (const method of ['hunks', 'unified']) {
        assert.throws(
          () => diff[method](),
          (error) => coded('ERR_DIFF_NOT_LINES')(error) && error.hint.includes('lines()'),
        )
      }
      assert.equal(diff.stats.hunks, 1)
    }
  })

  test('refuse a context that is none', () => {
    const diff = differ.linesSync('a', 'b')
    for (const context of [-1, 1.5, Number.NaN, 2 ** 32, Number.POSITIVE_INFINITY]) {
      assert.throws(() => diff.hunks(context), coded('ERR_INVALID_ARG_VALUE', /^context /))
    }
    for (const context of [null, '1', true, Symbol('1')]) {
      assert.throws(() => diff.hunks(context), coded('ERR_INVALID_ARG_TYPE', /^context /))
    }
  })
})

suite('statistics', () => {
  test('count what changed', () => {
    const { stats } = differ.linesSync('a\nb\nc\n', 'a\nx\ny\nc\n')
    assert.deepEqual(stats, { added: 2, removed: 1, unchanged: 2, hunks: 1, similarity: 4 / 7 })
  })

  test('of equal and of empty texts are those of full similarity', () => {
    assert.equal(differ.linesSync('', '').stats.similarity, 1)
    assert.equal(differ.linesSync('a', 'a').stats.similarity, 1)
    assert.equal(differ.linesSync('a', '').stats.similarity, 0)
  })

  test('count hunks with the context of the differ', () => {
    const [oldText, newText] = pairs['changes that share a hunk']
    assert.equal(new Differ().linesSync(oldText, newText).stats.hunks, 1)
    assert.equal(new Differ({ context: 2 }).linesSync(oldText, newText).stats.hunks, 2)
  })

  test('say that a finished search is exact', () => {
    assert.equal(differ.linesSync(...largePair()).exact, true)
  })
})

suite('the object', () => {
  test('has no public constructor', () => {
    for (const args of [[], [Symbol('internal'), {}, 3]]) {
      assert.throws(() => new TextDiff(...args), coded('ERR_ILLEGAL_CONSTRUCTOR'))
    }
  })

  test('refuses a foreign this', () => {
    const getters = ['stats', 'exact'].map((name) => {
      return Object.getOwnPropertyDescriptor(TextDiff.prototype, name).get
    })
    const methods = ['ops', 'changes', 'hunks', 'unified'].map((name) => TextDiff.prototype[name])
    const real = differ.linesSync('a', 'b')
    for (const foreign of [
      undefined,
      null,
      1,
      {},
      Object.create(real),
      differ,
      new Proxy(real, {}),
    ]) {
      for (const method of [...getters, ...methods]) {
        assert.throws(() => method.call(foreign), coded('ERR_INVALID_ARG_TYPE', /^this must be/))
      }
    }
  })

  test('shows nothing of the texts to whoever prints it', async () => {
    const { inspect } = await import('node:util')
    assert.ok(
      !inspect(differ.linesSync('secret', 'hidden'), { showHidden: true }).includes('secret'),
    )
  })

  test('keeps its own copies of the texts', () => {
    const [oldBytes, newBytes] = [Buffer.from('a\nb\n'), Buffer.from('a\nc\n')]
    const diff = differ.linesSync(oldBytes, newBytes)
    oldBytes.fill(0)
    newBytes.fill(0)
    assert.equal(diff.unified().toString(), '@@ -1,2 +1,2 @@\n a\n-b\n+c\n')
  })
})

suite('memory', () => {
  v8.setFlagsFromString('--expose-gc')
  const collect = vm.runInNewContext('gc')
  const external = () => process.memoryUsage().external

  test('is told to V8, and given back when the object is collected', async () => {
    const text = Buffer.alloc(1_500_000, 'a line of text\n')
    collect()
    const before = external()
    let diffs = Array.from({ length: 20 }, () => differ.linesSync(text, text))
    assert.ok(external() - before > 0.9 * 20 * 2 * text.length)
    assert.equal(diffs[19].stats.added, 0)
    diffs = undefined
    // Sweeping goes on beside this thread.
    for (let round = 0; round < 50 && external() - before > text.length; round++) {
      collect()
      await new Promise(setImmediate)
    }
    assert.ok(external() - before < text.length)
  })

  test('does not pile up in a loop that never lets the event loop turn', () => {
    const text = Buffer.alloc(1_500_000, 'a line of text\n')
    const before = process.memoryUsage.rss()
    let peak = before
    for (let round = 0; round < 300; round++) {
      differ.linesSync(text, text)
      peak = Math.max(peak, process.memoryUsage.rss())
    }
    assert.ok(peak - before < 400_000_000)
  })

  test('of a diff that is in use stays through collections', async () => {
    const diff = await differ.lines(...largePair())
    const expected = diff.unified()
    for (let round = 0; round < 20; round++) {
      await differ.lines('x'.repeat(1_000_000), 'y')
      collect()
    }
    assert.equal(diff.unified(), expected)
  })
})
