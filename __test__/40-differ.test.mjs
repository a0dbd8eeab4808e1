// Differ: options, unified diffs, promise and sync forms, aborts, deadlines, threads.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { applyPatch, Differ, TextDiff } from 'sealdiff'
import {
  bytePairs,
  coded,
  detach,
  gnuDiff,
  hostilePair,
  largePair,
  notTexts,
  pairs,
  processorTimeOfHalfASecond,
  randomPair,
  randomSource,
} from './support/diff.mjs'

const UNITS = ['lines', 'words', 'chars', 'graphemes', 'sentences']
const METHODS = [...UNITS, 'unified']
const differ = new Differ()

suite('unified diffs are those of GNU diff', () => {
  for (const [name, [oldText, newText]] of Object.entries(pairs)) {
    test(`of ${name}, as strings and as bytes, sync and async`, async () => {
      const expected = gnuDiff(oldText, newText)
      const text = differ.unifiedSync(oldText, newText)
      assert.equal(typeof text, 'string')
      assert.equal(text, expected.toString())
      assert.equal(await differ.unified(oldText, newText), text)
      const [oldBytes, newBytes] = [Buffer.from(oldText), Buffer.from(newText)]
      const bytes = differ.unifiedSync(oldBytes, newBytes)
      assert.ok(Buffer.isBuffer(bytes))
      assert.deepEqual(bytes, expected)
      assert.deepEqual(await differ.unified(oldBytes, newBytes), expected)
    })
  }

  for (const [name, [oldBytes, newBytes]] of Object.entries(bytePairs)) {
    test(`of ${name}`, async () => {
      const expected = gnuDiff(oldBytes, newBytes)
      assert.deepEqual(differ.unifiedSync(oldBytes, newBytes), expected)
      assert.deepEqual(await differ.unified(oldBytes, newBytes), expected)
      assert.deepEqual(differ.linesSync(oldBytes, newBytes).unified(), expected)
    })
  }

  for (const context of [0, 1, 7, 4_294_967_295]) {
    test(`with ${context} lines of context, asked of the differ or of the call`, async () => {
      const [oldText, newText] = pairs['changes far apart']
      const expected = gnuDiff(oldText, newText, `-U${Math.min(context, 100)}`).toString()
      assert.equal(new Differ({ context }).unifiedSync(oldText, newText), expected)
      assert.equal(differ.unifiedSync(oldText, newText, { context }), expected)
      assert.equal(await differ.unified(oldText, newText, { context }), expected)
      assert.equal(differ.linesSync(oldText, newText).unified({ context }), expected)
    })
  }

  test('without white space', () => {
    const [oldText, newText] = ['a b\nc\n d\n', 'ab\nx\n\td\n']
    const expected = gnuDiff(oldText, newText, '-w').toString()
    assert.equal(new Differ({ ignoreWhitespace: true }).unifiedSync(oldText, newText), expected)
  })

  test('without case', () => {
    const [oldText, newText] = ['One\nTwo\n', 'ONE\nThree\n']
    const expected = gnuDiff(oldText, newText, '-i').toString()
    assert.equal(new Differ({ ignoreCase: true }).unifiedSync(oldText, newText), expected)
  })
})

suite('headers', () => {
  const unified = (header) => differ.unifiedSync('a\n', 'b\n', { header }).split('@@')[0]

  test('are plain by default', () => {
    assert.equal(unified({ oldName: 'x', newName: 'y z' }), '--- x\n+++ "y z"\n')
    assert.equal(unified({ style: 'plain', oldName: null, newName: 'y' }), '--- /dev/null\n+++ y\n')
  })

  test('of git have prefixes and modes', () => {
    const header = {
      style: 'git',
      oldName: 'x',
      newName: 'y',
      oldMode: 0o100644,
      newMode: 0o100755,
    }
    assert.equal(
      unified(header),
      'diff --git a/x b/y\nold mode 100644\nnew mode 100755\n--- a/x\n+++ b/y\n',
    )
  })

  test('of git tell of files that are added or deleted', () => {
    assert.equal(
      unified({ style: 'git', oldName: null, newName: 'y' }),
      'diff --git a/y b/y\nnew file mode 100644\n--- /dev/null\n+++ b/y\n',
    )
    assert.equal(
      unified({ style: 'git', oldName: 'x', newName: null, oldMode: 0o100755 }),
      'diff --git a/x b/x\ndeleted file mode 100755\n--- a/x\n+++ /dev/null\n',
    )
  })

  test('quote odd names, and take bytes without making the diff bytes', () => {
    const header = { style: 'git', oldName: 'ü\n', newName: Buffer.from([0xff]) }
    const patch = unified(header)
    assert.equal(
      patch,
      'diff --git "a/\\303\\274\\n" "b/\\377"\n--- "a/\\303\\274\\n"\n+++ "b/\\377"\n',
    )
  })

  test('stand alone for equal texts only if they tell something', () => {
    const git = { style: 'git', oldName: 'x', newName: 'x' }
    assert.equal(differ.unifiedSync('a', 'a', { header: git }), '')
    assert.equal(
      differ.unifiedSync('a', 'a', { header: { ...git, oldMode: 0o100644, newMode: 0o100755 } }),
      'diff --git a/x b/x\nold mode 100644\nnew mode 100755\n',
    )
  })

  const INVALID = 'ERR_INVALID_ARG_VALUE'
  const refused = {
    'without any name': [{ oldName: null, newName: null }, INVALID],
    'without a word on a name': [{ oldName: 'x' }, 'ERR_INVALID_ARG_TYPE', /header\.newName/],
    'with an empty name': [{ oldName: '', newName: 'x' }, INVALID, /header\.oldName/],
    'with a name of a wrong type': [{ oldName: 1, newName: 'x' }, 'ERR_INVALID_ARG_TYPE'],
    'with a detached name': [
      { oldName: notTexts()['a detached buffer'], newName: 'x' },
      'ERR_INVALID_ARG_TYPE',
      /^header\.oldName must not be backed/,
    ],
    'of unknown style': [{ style: 'svn', oldName: 'x', newName: 'x' }, INVALID, /header\.style/],
    'with a mode in plain style': [{ oldName: 'x', newName: 'x', oldMode: 1 }, INVALID],
    'with a mode of no file': [{ style: 'git', oldName: null, newName: 'x', oldMode: 1 }, INVALID],
    'with a mode that is none': [
      { style: 'git', oldName: 'x', newName: 'x', oldMode: -1 },
      INVALID,
    ],
    'with an unknown option': [{ oldName: 'x', newName: 'x', mode: 1 }, INVALID, /header\.mode/],
    'that are no object': ['x', 'ERR_INVALID_ARG_TYPE', /^header /],
  }
  for (const [name, [header, code, message]] of Object.entries(refused)) {
    test(`${name} are refused`, async () => {
      assert.throws(() => differ.unifiedSync('a', 'b', { header }), coded(code, message))
      await assert.rejects(differ.unified('a', 'b', { header }), coded(code, message))
      assert.throws(() => differ.linesSync('a', 'b').unified({ header }), coded(code, message))
    })
  }
})

suite('promise and sync forms agree', () => {
  for (const unit of UNITS) {
    test(`on ${unit}`, async () => {
      const random = randomSource(unit.length)
      const all = [...Object.values(bytePairs), ...Object.values(pairs)]
      for (let round = 0; round < 50; round++) all.push(randomPair(random))
      for (const [oldText, newText] of all.filter(([text]) => text.length < 10_000)) {
        const now = differ[`${unit}Sync`](oldText, newText)
        const later = await differ[unit](oldText, newText)
        assert.ok(now instanceof TextDiff && later instanceof TextDiff)
        assert.deepEqual(later.ops(), now.ops())
        assert.deepEqual(later.changes(), now.changes())
        assert.deepEqual(later.stats, now.stats)
      }
    })
  }

  test('on documents of more than a megabyte', async () => {
    const [oldText, newText] = largePair()
    const patch = differ.unifiedSync(oldText, newText)
    assert.equal(await differ.unified(oldText, newText), patch)
    assert.equal((await differ.lines(oldText, newText)).unified(), patch)
    assert.equal(applyPatch(oldText, patch), newText)
    const bytes = await differ.unified(Buffer.from(oldText), Buffer.from(newText))
    assert.equal(bytes.toString(), patch)
  })

  test('for many calls at once', async () => {
    const random = randomSource(11)
    const some = Array.from({ length: 200 }, () => randomPair(random))
    const patches = await Promise.all(some.map(([a, b]) => differ.unified(a, b)))
    assert.deepEqual(
      patches,
      some.map(([a, b]) => differ.unifiedSync(a, b)),
    )
  })
})

suite('algorithms', () => {
  for (const algorithm of ['auto', 'minimal', 'patience', 'histogram']) {
    test(`${algorithm} gives patches that apply`, () => {
      const random = randomSource(algorithm.length)
      const differ = new Differ({ algorithm })
      for (let round = 0; round < 100; round++) {
        const [oldText, newText] = randomPair(random)
        assert.equal(applyPatch(oldText, differ.unifiedSync(oldText, newText)), newText)
      }
    })
  }
})

test('results are Buffers if either text is bytes, else strings', async () => {
  const bytes = Uint8Array.of(97, 10)
  for (const [oldText, newText, isBytes] of [
    ['x\n', 'a\n', false],
    [bytes, 'x\n', true],
    ['x\n', bytes, true],
    [bytes, Buffer.from('x\n'), true],
  ]) {
    const diff = differ.linesSync(oldText, newText)
    const values = [
      differ.unifiedSync(oldText, newText),
      await differ.unified(oldText, newText),
      diff.unified(),
      diff.changes()[0].value,
      diff.hunks()[0].lines[0],
    ]
    for (const value of values) {
      assert.equal(isBytes ? Buffer.isBuffer(value) : typeof value === 'string', true)
    }
  }
})

test('lone surrogates come back as they were', () => {
  const [oldText, newText] = ['\ud83d\n\udc00x\nz', '\ud83d\n\udc00y\nz\ud800']
  const diff = differ.linesSync(oldText, newText)
  assert.deepEqual(
    diff.changes().map(({ value }) => value),
    ['\ud83d\n', '\udc00x\nz', '\udc00y\nz\ud800'],
  )
  assert.equal(applyPatch(oldText, diff.unified()), newText)
})

suite('texts of wrong types are refused', () => {
  for (const [name, value] of Object.entries(notTexts())) {
    test(name, async () => {
      for (const method of METHODS) {
        const oldText = coded('ERR_INVALID_ARG_TYPE', /^oldText /)
        const newText = coded('ERR_INVALID_ARG_TYPE', /^newText /)
        assert.throws(() => differ[`${method}Sync`](value, 'a'), oldText)
        assert.throws(() => differ[`${method}Sync`]('a', value), newText)
        await assert.rejects(differ[method](value, 'a'), oldText)
        await assert.rejects(differ[method]('a', value), newText)
      }
    })
  }
})

suite('options', () => {
  const INVALID = 'ERR_INVALID_ARG_VALUE'
  const TYPE = 'ERR_INVALID_ARG_TYPE'
  const refused = [
    [null, TYPE, /^options /],
    ['auto', TYPE, /^options /],
    [[], TYPE, /^options /],
    [{ algorithm: 'myers' }, INVALID, /^algorithm must be one of 'auto'/],
    [{ algorithm: 1 }, TYPE, /^algorithm /],
    [{ context: '3' }, TYPE, /^context /],
    [{ context: Number.NaN }, INVALID, /^context /],
    [{ context: -1 }, INVALID, /^context /],
    [{ context: 1.5 }, INVALID, /^context /],
    [{ context: 2 ** 32 }, INVALID, /^context /],
    [{ context: null }, TYPE, /^context /],
    [{ ignoreCase: 1 }, TYPE, /^ignoreCase /],
    [{ ignoreWhitespace: 'yes' }, TYPE, /^ignoreWhitespace /],
    [{ deadlineMs: Number.NaN }, INVALID, /^deadlineMs /],
    [{ deadlineMs: -1 }, INVALID, /^deadlineMs /],
    [{ deadlineMs: Number.POSITIVE_INFINITY }, INVALID, /^deadlineMs /],
    [{ deadlineMs: 2 ** 31 }, INVALID, /^deadlineMs /],
    [{ concurrency: 0 }, INVALID, /^concurrency /],
    [{ concurrency: 1025 }, INVALID, /^concurrency /],
    [{ concurrency: '2' }, TYPE, /^concurrency /],
    [{ maxMemoryBytes: 0 }, INVALID, /^maxMemoryBytes /],
    [{ maxMemoryBytes: 1.5 }, INVALID, /^maxMemoryBytes /],
    [{ maxMemoryBytes: '1' }, TYPE, /^maxMemoryBytes /],
  ]
  for (const [options, code, message] of refused) {
    test(`of a differ refuse ${JSON.stringify(options)}: ${message}`, () => {
      assert.throws(() => new Differ(options), coded(code, message))
    })
  }

  test('of a call refuse what is none, also in sync forms', async () => {
    for (const method of METHODS) {
      const unknown = coded(INVALID, /^ignoreCase is not an option$/)
      await assert.rejects(differ[method]('a', 'b', { ignoreCase: true }), unknown)
      assert.throws(() => differ[`${method}Sync`]('a', 'b', { ignoreCase: true }), unknown)
      const { signal } = new AbortController()
      const noSignal = coded(INVALID, /^signal is not an option$/)
      assert.throws(() => differ[`${method}Sync`]('a', 'b', { signal }), noSignal)
      await assert.rejects(differ[method]('a', 'b', { signal: 'soon' }), coded(TYPE, /^signal /))
      await assert.rejects(differ[method]('a', 'b', null), coded(TYPE, /^options /))
    }
  })

  test('showFunction names the nearest earlier line that opens a function, whatever forms ask', async () => {
    const before = `function one() {\n${'  step\n'.repeat(9)}  last\n}\n`
    const after = before.replace('last', 'LAST')
    const named = /^@@ -8,5 \+8,5 @@ function one\(\) \{$/m
    assert.match(differ.unifiedSync(before, after, { showFunction: true }), named)
    assert.match(await differ.unified(before, after, { showFunction: true }), named)
    const diff = differ.linesSync(before, after)
    assert.match(diff.unified({ showFunction: true }), named)
    assert.match(diff.unified({ showFunction: false }), /^@@ -8,5 \+8,5 @@$/m)
    const refused = coded(TYPE, /^showFunction /)
    assert.throws(() => differ.unifiedSync('a', 'b', { showFunction: 'yes' }), refused)
  })

  test('are read before the texts, so that a getter cannot pull them away', async () => {
    const options = (bytes) => ({
      get context() {
        detach(bytes)
        return 1
      },
    })
    const sync = new Uint8Array(100)
    const refusal = coded(TYPE, /^oldText must not be backed by a detached/)
    assert.throws(() => differ.unifiedSync(sync, 'a', options(sync)), refusal)
    const async = new Uint8Array(100)
    await assert.rejects(differ.unified(async, 'a', options(async)), refusal)
  })

  test('with undefined are the defaults', () => {
    const differ = new Differ({ algorithm: undefined, context: undefined, deadlineMs: undefined })
    assert.equal(
      differ.unifiedSync('a', 'b', { context: undefined, header: undefined }),
      new Differ().unifiedSync('a', 'b'),
    )
  })

  test('never show their values', () => {
    const secret = 'hunter2hunter2'
    const attempts = [
      () => new Differ({ algorithm: secret }),
      () => new Differ({ context: secret }),
      () => new Differ({ [`${secret} key`]: 1 }),
      () => differ.unifiedSync('a', 'b', { header: { style: secret, oldName: 'a', newName: 'b' } }),
      () => applyPatch('text', `@@ -1 +1 @@\n-${secret}\n+x\n`),
      () => applyPatch(secret, '@@ -1 +1 @@\n-a\n+x\n'),
      () => applyPatch('text', `@@ -1 +1 @@\n-a\n${secret}\n`),
    ]
    for (const attempt of attempts) {
      assert.throws(attempt, (error) => !`${error.stack}${error.hint}`.includes(secret))
    }
  })
})

test('a foreign this is refused', async () => {
  for (const foreign of [
    undefined,
    null,
    1,
    {},
    Object.create(differ),
    differ.linesSync('a', 'b'),
  ]) {
    for (const method of METHODS) {
      const refusal = coded('ERR_INVALID_ARG_TYPE', /^this must be a Differ$/)
      await assert.rejects(Differ.prototype[method].call(foreign, 'a', 'b'), refusal)
      assert.throws(() => Differ.prototype[`${method}Sync`].call(foreign, 'a', 'b'), refusal)
    }
  }
})

test('Buffers may be changed right after an asynchronous call', async () => {
  const [oldText, newText] = largePair()
  const expected = differ.unifiedSync(oldText, newText)
  for (const method of ['unified', 'lines']) {
    const texts = [Buffer.from(oldText), Buffer.from(newText)]
    const result = differ[method](...texts)
    for (const text of texts) text.fill(0)
    const patch = method === 'lines' ? (await result).unified() : await result
    assert.equal(patch.toString(), expected)
  }
})

suite('an abort', () => {
  test('that came before the call rejects at once', async () => {
    const reason = new Error('no longer needed')
    for (const method of METHODS) {
      await assert.rejects(
        differ[method]('a', 'b', { signal: AbortSignal.abort(reason) }),
        (error) => {
          return error.name === 'AbortError' && error.code === 'ABORT_ERR' && error.cause === reason
        },
      )
    }
  })

  test('in flight rejects soon, and the work stops', async () => {
    const [oldText, newText] = hostilePair()
    const minimal = new Differ({ algorithm: 'minimal' })
    for (const method of ['lines', 'unified']) {
      const controller = new AbortController()
      const running = minimal[method](oldText, newText, { signal: controller.signal })
      setTimeout(() => controller.abort('enough'), 100)
      const start = performance.now()
      await assert.rejects(
        running,
        (error) => error.code === 'ABORT_ERR' && error.cause === 'enough',
      )
      assert.ok(performance.now() - start < 2_000)
    }
    assert.ok((await processorTimeOfHalfASecond()) < 250)
  })

  test('of calls that wait for a processor drops them', async () => {
    const [oldText, newText] = hostilePair()
    const minimal = new Differ({ algorithm: 'minimal' })
    const controller = new AbortController()
    const { signal } = controller
    const running = Array.from({ length: 20 }, () => minimal.lines(oldText, newText, { signal }))
    setTimeout(() => controller.abort(), 100)
    const settled = await Promise.allSettled(running)
    assert.ok(settled.every(({ reason }) => reason?.code === 'ABORT_ERR'))
    assert.equal(await differ.unified('a\n', 'b\n'), '@@ -1 +1 @@\n-a\n+b\n')
    assert.ok((await processorTimeOfHalfASecond()) < 250)
  })

  test('after the end changes nothing', async () => {
    const controller = new AbortController()
    const diff = await differ.lines('a', 'b', { signal: controller.signal })
    controller.abort()
    assert.equal(diff.stats.added, 1)
  })
})

suite('a deadline', () => {
  test('gives a valid, coarser diff', async () => {
    const [oldText, newText] = hostilePair()
    const hurried = new Differ({ algorithm: 'minimal', deadlineMs: 20 })
    const start = performance.now()
    const now = hurried.linesSync(oldText, newText)
    const later = await hurried.lines(oldText, newText)
    assert.ok(performance.now() - start < 4_000)
    for (const diff of [now, later]) {
      assert.equal(diff.exact, false)
      assert.equal(applyPatch(oldText, diff.unified()), newText)
    }
  })

  test('of nothing is past at once, but equal texts need no search', () => {
    const hurried = new Differ({ deadlineMs: 0 })
    const [oldText, newText] = largePair()
    assert.equal(hurried.linesSync(oldText, oldText).exact, true)
    assert.equal(applyPatch(oldText, hurried.unifiedSync(oldText, newText)), newText)
  })

  test('that is far away leaves the diff exact', () => {
    const diff = new Differ({ deadlineMs: 2_147_483_647 }).linesSync(...largePair())
    assert.equal(diff.exact, true)
  })
})

suite('worker threads', () => {
  const start = (workerData) =>
    new Worker(new URL('./support/diff-worker.mjs', import.meta.url), { workerData })
  const message = (worker) =>
    new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))

  test('diff side by side', async () => {
    const workers = [1, 2, 3, 4].map((seed) => start({ task: 'round trips', seed }))
    assert.deepEqual(await Promise.all(workers.map(message)), [100, 100, 100, 100])
    await Promise.all(workers.map((worker) => worker.terminate()))
  })

  test('that are terminated take their work with them', async () => {
    const workers = [1, 2, 3].map(() => start({ task: 'hostile' }))
    await Promise.all(workers.map(message))
    await Promise.all(workers.map((worker) => worker.terminate()))
    assert.equal(await differ.unified('a\n', 'b\n'), '@@ -1 +1 @@\n-a\n+b\n')
    assert.ok((await processorTimeOfHalfASecond()) < 250)
  })
})
