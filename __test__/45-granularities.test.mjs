// Grapheme clusters and sentences, against Intl.Segmenter.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Differ } from 'sealdiff'
import { coded, randomSource } from './support/diff.mjs'

const differ = new Differ()
const UNITS = { graphemes: 'grapheme', sentences: 'sentence' }

/** The units of a text, seen through a diff in which all of it was removed. */
const split = (unit, text) => {
  return differ[`${unit}Sync`](text, '').stats.removed
}

const PIECES = [
  'a',
  'B',
  '. ',
  '! ',
  'word ',
  '\n',
  '\r\n',
  '“',
  '”',
  'é',
  'e\u0301',
  '👩‍🚀',
  '👍🏽',
  '🇨🇭',
  '漢字。',
  'हिन्दी',
  '3.5',
  '\ud83d',
  '\udc00',
]

const randomText = (random) =>
  Array.from({ length: random(30) }, () => PIECES[random(PIECES.length)]).join('')

suite('units', () => {
  test('of graphemes are those of Intl.Segmenter', () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
    for (const text of ['e\u0301a', '👩‍🚀👍🏽', '🇨🇭🇩🇪', '\r\n\n', '각', 'क\u200d', 'Z͑ͫ̓a']) {
      assert.equal(split('graphemes', text), [...segmenter.segment(text)].length, text)
    }
  })

  test('of sentences are those of Intl.Segmenter', () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })
    for (const text of [
      'One. Two? Three!',
      'It is 3.5 m. “Really?” he said.',
      'ここは。そこ。',
      'a\nb\r\nc',
      'No end',
    ]) {
      assert.equal(split('sentences', text), [...segmenter.segment(text)].length, text)
    }
  })

  test('keep together what a reader takes for one character', () => {
    const changes = differ.graphemesSync('x👩‍🚀y', 'x👨‍🚀y').changes()
    assert.deepEqual(
      changes.map(({ value, count }) => [value, count]),
      [
        ['x', 1],
        ['👩‍🚀', 1],
        ['👨‍🚀', 1],
        ['y', 1],
      ],
    )
    assert.equal(
      differ.charsSync('x👩‍🚀y', 'x👨‍🚀y').stats.removed,
      1,
      'the joiner and the rocket stay',
    )
  })

  test('of sentences have their white space', () => {
    const changes = differ
      .sentencesSync('It rains. We stay. Good.', 'It rains. We go. Good.')
      .changes()
    assert.deepEqual(
      changes.map(({ value }) => value),
      ['It rains. ', 'We stay. ', 'We go. ', 'Good.'],
    )
  })
})

for (const unit of Object.keys(UNITS)) {
  suite(unit, () => {
    test('make up both texts, as strings and as bytes', async () => {
      const random = randomSource(9)
      for (let round = 0; round < 150; round++) {
        const [oldText, newText] = [randomText(random), randomText(random)]
        const diff = differ[`${unit}Sync`](oldText, newText)
        const told = (wanted) =>
          diff
            .changes()
            .filter(wanted)
            .map(({ value }) => value)
            .join('')
        assert.equal(
          told(({ added }) => !added),
          oldText,
        )
        assert.equal(
          told(({ removed }) => !removed),
          newText,
        )
        const promised = await differ[unit](oldText, newText)
        assert.deepEqual(promised.ops(), diff.ops())
      }
    })

    test('take invalid UTF-8 for content', () => {
      const [oldText, newText] = [
        Buffer.from('a\xff. B\x80', 'latin1'),
        Buffer.from('a\xfe. B\x80', 'latin1'),
      ]
      const changes = differ[`${unit}Sync`](oldText, newText).changes()
      const values = changes.filter(({ removed }) => !removed).map(({ value }) => value)
      assert.deepEqual(Buffer.concat(values), newText)
      assert.ok(changes.some(({ removed }) => removed))
    })

    test('have no hunks', () => {
      const diff = differ[`${unit}Sync`]('a', 'b')
      assert.throws(() => diff.hunks(), coded('ERR_DIFF_NOT_LINES'))
      assert.throws(() => diff.hunks({ inline: true }), coded('ERR_DIFF_NOT_LINES'))
      assert.throws(() => diff.unified(), coded('ERR_DIFF_NOT_LINES'))
    })

    test('check their arguments and take a signal', async () => {
      await assert.rejects(differ[unit](1, 'a'), coded('ERR_INVALID_ARG_TYPE', /^oldText/))
      assert.throws(
        () => differ[`${unit}Sync`]('a', null),
        coded('ERR_INVALID_ARG_TYPE', /^newText/),
      )
      await assert.rejects(
        differ[unit]('a', 'b', { signal: AbortSignal.abort() }),
        coded('ABORT_ERR'),
      )
      assert.throws(
        () => differ[`${unit}Sync`]('a', 'b', { signal: null }),
        coded('ERR_INVALID_ARG_VALUE'),
      )
    })

    test('are split in time that hostile texts cannot stretch', () => {
      const text = `.${'(['.repeat(200_000)}`
      assert.ok(differ[`${unit}Sync`](text, '').stats.removed > 0)
    })
  })
}
