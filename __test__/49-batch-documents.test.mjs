// Batches of documents and of merges: the kinds 'json' and 'merge'. What all kinds share is in 49-batch.test.mjs.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Differ, JsonDiff } from 'sealdiff'
import { coded, hostilePair, processorTimeOfHalfASecond } from './support/diff.mjs'

const differ = new Differ()
const INVALID = 'ERR_INVALID_ARG_VALUE'
const TYPE = 'ERR_INVALID_ARG_TYPE'
const MB = 1_000_000

async function collect(batch) {
  const results = []
  for await (const result of batch) results.push(result)
  return results
}

/** How many items are pulled while nobody takes more than the first result. */
async function pulledAhead(item, kind, maxMemoryBytes) {
  let pulled = 0
  function* items() {
    for (;;) {
      pulled++
      yield item
    }
  }
  const batch = new Differ({ maxMemoryBytes, concurrency: 4 }).batch(items(), kind)
  const { value } = await batch.next()
  assert.equal(value.status, 'fulfilled')
  // As long as a pair at work may take before the next one is pulled.
  for (let [before, quiet] = [pulled, 0]; quiet < 3; quiet++) {
    await sleep(100)
    if (pulled !== before) [before, quiet] = [pulled, -1]
  }
  await batch.return()
  return pulled
}

/** What a call throws or rejects with, as far as users tell errors apart. */
async function refusal(call) {
  try {
    await call()
  } catch ({ name, code, message }) {
    return { name, code, message }
  }
  return assert.fail('nothing was thrown')
}

/** Items of which all but the first and the last fail, each for a reason of its own. */
async function assertSpoilOnlyThemselves(kind, good, failing) {
  const items = [good, ...failing.map(({ item }, key) => ({ ...item, key })), good]
  const [first, ...others] = await collect(differ.batch(items, kind))
  const last = others.pop()
  assert.deepEqual([first.status, last.status], ['fulfilled', 'fulfilled'])
  for (const [key, { isRight }] of failing.entries()) {
    assert.equal(others[key].status, 'rejected')
    assert.equal(others[key].key, key)
    assert.ok(isRight(others[key].reason))
  }
}

async function assertStopped(batch, controller) {
  const running = batch.next()
  setTimeout(() => controller.abort(), 100)
  const start = performance.now()
  await assert.rejects(running, coded('ABORT_ERR'))
  assert.ok(performance.now() - start < 2_000)
  assert.ok((await processorTimeOfHalfASecond()) < 250)
}

suite('documents', () => {
  const before = { name: 'web', replicas: 2, list: [1, 2, 3] }
  const after = { name: 'web', replicas: 3, list: [2, 3] }
  const views = (diff) => ({
    patch: diff.patchText,
    merged: diff.mergePatchText,
    paths: diff.paths,
    summary: diff.summary,
    unified: diff.unified({ context: 1 }),
  })

  test('come as values and as texts, and their diffs in order, with keys', async () => {
    const texts = [before, after].map((value) => JSON.stringify(value))
    const pairs = [
      { key: 'values', old: before, new: after },
      texts,
      { key: 2, old: Buffer.from(texts[0]), new: after },
      [after, after],
    ]
    const results = await collect(differ.batch(pairs, 'json', { tests: true }))
    assert.deepEqual(
      results.map(({ status, key }) => [status, key]),
      [
        ['fulfilled', 'values'],
        ['fulfilled', undefined],
        ['fulfilled', 2],
        ['fulfilled', undefined],
      ],
    )
    const expected = views(differ.jsonSync(before, after, { tests: true }))
    for (const { value } of results.slice(0, 3)) {
      assert.ok(value instanceof JsonDiff)
      assert.deepEqual(views(value), expected)
    }
    assert.equal(results[3].value.patchText, '[]')
  })

  test('are compared as the options of the batch and of the differ say', async () => {
    const options = { ignore: ['/replicas'], arrayKey: 'id' }
    const [{ value }] = await collect(
      new Differ({ context: 0 }).batch([[before, after]], 'json', options),
    )
    assert.equal(
      value.unified(),
      new Differ({ context: 0 }).jsonSync(before, after, options).unified(),
    )
    assert.deepEqual(value.paths, ['/list/0'])
  })

  test('that are values are none in YAML, whatever their text would be', async () => {
    // YAML may have 255 levels.
    const value = { '<<': '*no', deep: JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`) }
    const text = `"<<": "*no"\ndeep: null\n`
    const options = { format: 'yaml' }
    const [result] = await collect(differ.batch([[text, value]], 'json', options))
    assert.equal(result.status, 'fulfilled', result.reason?.stack)
    assert.deepEqual(result.value.paths, ['/deep'])
  })

  test('are made text once', async () => {
    let calls = 0
    const counted = { toJSON: () => ({ calls: ++calls }) }
    const [{ value }] = await collect(differ.batch([[counted, { calls: 1 }]], 'json'))
    assert.equal(calls, 1)
    assert.equal(value.patchText, '[]')
  })

  test('may look like what the batch makes of documents', async () => {
    const forged = { text: '{', format: 'json', isValue: true }
    const [{ value }] = await collect(differ.batch([[forged, { ...forged, text: 1 }]], 'json'))
    assert.deepEqual(value.paths, ['/text'])
  })

  test('that can’t be read spoil only their own pair', async () => {
    const reason = new Error('thrown by toJSON')
    const thrower = {
      toJSON() {
        throw reason
      },
    }
    const shared = new Uint8Array(new SharedArrayBuffer(4))
    await assertSpoilOnlyThemselves(
      'json',
      [before, after],
      [
        {
          item: { old: '{"a":', new: 1 },
          isRight: coded('ERR_DOCUMENT_INVALID', /^the old document .* line 1/),
        },
        { item: { old: 1, new: () => 1 }, isRight: coded(TYPE, /^newDoc must be a value/) },
        { item: { old: 1 }, isRight: coded(TYPE, /^newDoc /) },
        { item: { old: 1n, new: 1 }, isRight: coded(INVALID, /^oldDoc /) },
        {
          item: { old: thrower, new: 1 },
          isRight: (error) => coded(INVALID, /^oldDoc /)(error) && error.cause === reason,
        },
        { item: { old: shared, new: 1 }, isRight: coded(TYPE, /^oldDoc .*SharedArrayBuffer/) },
      ],
    )
  })

  test('have the options of json; what it refuses is thrown at once, as the same error', async () => {
    for (const options of [
      { format: 'toml' },
      { ignore: 'status' },
      { ignore: [1] },
      { ignore: ['status'] },
      { ignore: ['/**'.repeat(2000)] },
      { arrayKey: 7 },
      { dropNulls: 'yes' },
      { tests: 1 },
      { profile: 'loose' },
      { level: 1 },
      'json',
    ]) {
      const expected = await refusal(() => differ.json(1, 2, options))
      const thrown = await refusal(() => void differ.batch([], 'json', options))
      assert.deepEqual(thrown, expected)
    }
  })

  test('stop to be compared when the batch is aborted', async () => {
    const pair = hostilePair().map((text) => JSON.stringify(text.split('\n')))
    const controller = new AbortController()
    const endless = (function* () {
      for (;;) yield pair
    })()
    const slow = new Differ({ concurrency: 1 })
    const { signal } = controller
    // One pair is compared within a second; the second result is long in coming.
    const batch = slow.batch(endless, 'json', { signal })
    await assertStopped(batch, controller)
  })

  test('of a slow pair come behind it, however quick they are', async () => {
    const slow = hostilePair().map((text) => JSON.stringify(text.split('\n').slice(0, 50_000)))
    const pairs = [slow, [1, 2], slow, ['3', 4]]
    const results = await collect(new Differ({ concurrency: 4 }).batch(pairs, 'json'))
    assert.deepEqual(
      results.map(({ value }) => value.patchText.length > 1000),
      [true, false, true, false],
    )
  })
})

suite('documents are counted', () => {
  const prose = 'x'.repeat(100_000)
  const cases = {
    'as text': JSON.stringify([prose]),
    'as bytes': Buffer.from(JSON.stringify([prose, prose])),
    'as values, by the text that is made of them': [prose],
  }
  for (const [name, document] of Object.entries(cases)) {
    test(name, async () => {
      // A pair counts with some 1.6 MB while it is compared, and with 0.4 MB when it is done.
      assert.equal(await pulledAhead([document, document], 'json', 1), 2)
      const few = await pulledAhead([document, document], 'json', 3 * MB)
      assert.ok(few > 2 && few < 7, `${few}`)
      assert.ok((await pulledAhead([document, document], 'json', 100 * MB)) > few)
    })
  }

  test('by their values as well: numbers are more work than prose of the same length', async () => {
    const numbers = Array.from({ length: 50_000 }, (_, at) => at % 10)
    assert.ok(JSON.stringify(numbers).length < JSON.stringify([prose]).length + 10)
    const [ofNumbers, ofProse] = [
      await pulledAhead([numbers, [...numbers, 1]], 'json', 20 * MB),
      await pulledAhead([[prose], [prose, 1]], 'json', 20 * MB),
    ]
    assert.ok(ofNumbers <= 2 && ofProse > 4, `${ofNumbers} and ${ofProse}`)
  })

  test('wherever in a long document the values are', async () => {
    const numbers = Array.from({ length: 60_000 }, (_, at) => at % 10)
    const long = 'x'.repeat(400_000)
    for (const document of [
      [long, numbers],
      [numbers, long],
      [long, numbers, long],
    ]) {
      assert.ok((await pulledAhead([document, document], 'json', 27 * MB)) <= 2)
    }
    assert.ok(
      (await pulledAhead(
        [
          [long, long],
          [long, long],
        ],
        'json',
        27 * MB,
      )) > 2,
    )
  })

  test('with the patch that their diff holds', async () => {
    const other = 'y'.repeat(100_000)
    const equal = await pulledAhead([[prose], [prose]], 'json', 3.5 * MB)
    const different = await pulledAhead([[prose], [other]], 'json', 3.5 * MB)
    assert.ok(different < equal, `${different} and ${equal}`)
  })
})

suite('merges', () => {
  const [base, ours, theirs] = ['1\n2\n3\n', 'one\n2\n3\n', '1\n2\nthree\n']

  test('come from triples and objects, and their results in order, with keys', async () => {
    const items = [
      [base, ours, theirs],
      { key: 'conflict', base, ours, theirs: 'uno\n2\n3\n' },
      { key: 0, base: Buffer.from(base), ours, theirs },
    ]
    assert.deepEqual(await collect(differ.batch(items, 'merge')), [
      { status: 'fulfilled', value: differ.mergeSync(base, ours, theirs) },
      {
        status: 'fulfilled',
        value: differ.mergeSync(base, ours, 'uno\n2\n3\n'),
        key: 'conflict',
      },
      { status: 'fulfilled', value: differ.mergeSync(Buffer.from(base), ours, theirs), key: 0 },
    ])
  })

  test('are made as the options of the batch and of the differ say', async () => {
    const options = { style: 'diff3', labels: { base: 'then', ours: 'us', theirs: 'them' } }
    const triple = ['A\n', 'b\n', 'c\n']
    const [{ value }] = await collect(differ.batch([triple], 'merge', options))
    assert.deepEqual(value, differ.mergeSync(...triple, options))
    const deaf = new Differ({ ignoreCase: true })
    const [{ value: heard }] = await collect(deaf.batch([['A\n', 'a\n', 'b\n']], 'merge'))
    assert.equal(heard.isClean, true)
  })

  test('of what is no text spoil only themselves', async () => {
    const reason = new Error('thrown by a getter')
    const promised = Promise.reject(reason)
    promised.catch(() => {})
    const failing = [
      { item: { base, ours }, isRight: coded(TYPE, /^theirs must be a string or a Uint8Array$/) },
      { item: { base: 1, ours, theirs }, isRight: coded(TYPE, /^base /) },
      { item: { old: base, new: ours }, isRight: coded(TYPE, /^base /) },
    ]
    await assertSpoilOnlyThemselves('merge', [base, ours, theirs], failing)
    const [, failed, last] = await collect(
      differ.batch([[base, ours, theirs], promised, [base, ours, theirs]], 'merge'),
    )
    assert.equal(failed.reason, reason)
    assert.equal(last.value.text, 'one\n2\nthree\n')
  })

  test('have the options of merge; what it refuses is thrown at once, as the same error', async () => {
    for (const options of [
      { style: 'union' },
      { labels: { ours: 'a\nb' } },
      { labels: { mine: 'a' } },
      { labels: 'ours' },
      { context: 1 },
      5,
    ]) {
      const expected = await refusal(() => differ.merge(base, ours, theirs, options))
      const thrown = await refusal(() => void differ.batch([], 'merge', options))
      assert.deepEqual(thrown, expected)
    }
  })

  test('stop when the batch is aborted', async () => {
    const [old, edited] = hostilePair()
    const controller = new AbortController()
    const minimal = new Differ({ algorithm: 'minimal' })
    const { signal } = controller
    const batch = minimal.batch([[old, edited, old]], 'merge', { signal })
    await assertStopped(batch, controller)
  })

  test('are counted with their texts, their results with text and conflicts', async () => {
    const text = 'a line of some length\n'.repeat(5_000)
    const [clean, changed] = [
      [text, text, text],
      [text, text.replaceAll('line', 'verse'), text.replaceAll('line', 'row')],
    ]
    assert.equal(await pulledAhead(clean, 'merge', 1), 2)
    // A merge counts with some 6 MB while it is made; done, with 0.2 MB if it is clean.
    const ofClean = await pulledAhead(clean, 'merge', 7 * MB)
    const ofChanged = await pulledAhead(changed, 'merge', 7 * MB)
    assert.ok(ofClean > ofChanged && ofChanged > 2, `${ofClean} and ${ofChanged}`)
    assert.ok((await pulledAhead(clean, 'merge', 100 * MB)) > ofClean)
  })
})
