// Batches: order, failures, bounds of memory and concurrency, hostile iterables.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { applyPatch, Differ, TextDiff } from 'sealdiff'
import {
  coded,
  hostilePair,
  largePair,
  processorTimeOfHalfASecond,
  randomPair,
  randomSource,
} from './support/diff.mjs'

const differ = new Differ()
const INVALID = 'ERR_INVALID_ARG_VALUE'
const TYPE = 'ERR_INVALID_ARG_TYPE'
const PAIR = ['a\n', 'b\n']
const PATCH = '@@ -1 +1 @@\n-a\n+b\n'

async function collect(batch) {
  const results = []
  for await (const result of batch) results.push(result)
  return results
}

/** Pairs that tell how often they were asked for, and whether they were closed. */
function endless(next = () => ({ value: PAIR, done: false })) {
  const source = {
    pulled: 0,
    closed: 0,
    [Symbol.iterator]: () => source,
    next: () => next(source.pulled++),
    return() {
      source.closed++
      return {}
    },
  }
  return source
}

suite('results', () => {
  test('come in the order of the pairs, however long each takes', async () => {
    const random = randomSource(5)
    const [large] = [largePair()]
    const pairs = Array.from({ length: 60 }, (_, at) => (at % 9 === 0 ? large : randomPair(random)))
    const keyed = pairs.map(([before, after], key) => ({ key, old: before, new: after }))
    const results = await collect(differ.batch(keyed, 'unified'))
    assert.deepEqual(
      results,
      pairs.map((pair, key) => ({
        status: 'fulfilled',
        value: differ.unifiedSync(...pair),
        key,
      })),
    )
  })

  test('have a key if the pair has one', async () => {
    const pairs = [PAIR, { old: 'a\n', new: 'b\n' }, { key: 0, old: 'a\n', new: 'b\n' }]
    const fulfilled = { status: 'fulfilled', value: PATCH }
    assert.deepEqual(await collect(differ.batch(pairs, 'unified')), [
      fulfilled,
      fulfilled,
      { ...fulfilled, key: 0 },
    ])
  })

  test('of no pairs are none', async () => {
    assert.deepEqual(await collect(differ.batch([], 'lines')), [])
    assert.deepEqual(await collect(differ.batch(new Map(), 'delta')), [])
  })

  test('are those of the methods, for every kind', async () => {
    for (const kind of ['lines', 'words', 'chars']) {
      const [{ value }] = await collect(differ.batch([PAIR], kind))
      assert.ok(value instanceof TextDiff)
      assert.deepEqual(value.changes(), differ[`${kind}Sync`](...PAIR).changes())
    }
    const bytes = PAIR.map((text) => Buffer.from(text))
    const [{ value: delta }] = await collect(differ.batch([bytes], 'delta', { level: 1 }))
    assert.deepEqual(differ.applyDeltaSync(bytes[0], delta), bytes[1])
    const header = { oldName: 'x', newName: 'x' }
    const [{ value }] = await collect(differ.batch([bytes], 'unified', { header }))
    assert.equal(value.toString(), `--- x\n+++ x\n${PATCH}`)
  })

  test('are made with the options of the differ', async () => {
    const deaf = new Differ({ ignoreCase: true })
    assert.equal((await collect(deaf.batch([['A\n', 'a\n']], 'unified')))[0].value, '')
  })

  test('come from any iterable: generators of both kinds, sets, promises of pairs', async () => {
    const three = [PAIR, PAIR, PAIR]
    const sources = [
      new Set(three.map((pair) => [...pair])),
      (function* () {
        yield* three
      })(),
      (async function* () {
        yield* three
      })(),
      three.map((pair) => Promise.resolve(pair)),
      new ReadableStream({
        start(controller) {
          for (const pair of three) controller.enqueue(pair)
          controller.close()
        },
      }),
    ]
    for (const source of sources) {
      const results = await collect(differ.batch(source, 'unified'))
      assert.deepEqual(
        results.map(({ value }) => value),
        [PATCH, PATCH, PATCH],
      )
    }
  })

  test('can be asked for one by one, also several at once', async () => {
    const batch = differ.batch([PAIR, PAIR], 'unified')
    const steps = await Promise.all([batch.next(), batch.next(), batch.next()])
    assert.deepEqual(
      steps.map(({ done, value }) => [done, value?.value]),
      [
        [false, PATCH],
        [false, PATCH],
        [true, undefined],
      ],
    )
  })
})

suite('a pair that fails spoils only itself', () => {
  const reason = new Error('thrown by a getter')
  const thrower = () => {
    throw reason
  }
  const failing = {
    'no text': [{ key: 1, old: 'a', new: 5 }, coded(TYPE, /^newText /), 1],
    'no pair': ['ab', coded(TYPE, /^pair must be an object or an array$/)],
    null: [null, coded(TYPE, /^pair /)],
    'an empty array': [[], coded(TYPE, /^oldText /)],
    'shared memory': [[new Uint8Array(new SharedArrayBuffer(4)), 'a'], coded(TYPE, /^oldText /)],
    'a getter that throws': [
      Object.defineProperty({ key: 'k', old: 'a' }, 'new', { get: thrower }),
      (error) => error === reason,
      'k',
    ],
    'a key that throws': [
      Object.defineProperty({ old: 'a', new: 'b' }, 'key', { get: thrower }),
      (error) => error === reason,
    ],
    'a promise that rejects': [() => Promise.reject(reason), (error) => error === reason],
    'a thenable that throws': [
      Object.defineProperty({ old: 'a', new: 'b' }, 'then', { value: thrower }),
      (error) => error === reason,
    ],
  }
  for (const [name, [given, isRight, key]] of Object.entries(failing)) {
    test(name, async () => {
      const pair = typeof given === 'function' ? given() : given
      // All at once: a promise of the caller's that rejects before it is pulled is nobody's yet.
      const results = await collect(
        new Differ({ concurrency: 3 }).batch([PAIR, pair, PAIR], 'unified'),
      )
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      assert.ok(isRight(results[1].reason))
      assert.equal(results[1].key, key)
      assert.equal('key' in results[1], key !== undefined)
    })
  }

  test('a deadline is no failure', async () => {
    const hurried = new Differ({ algorithm: 'minimal', deadlineMs: 20 })
    const hostile = hostilePair()
    const [{ value }, after] = await collect(hurried.batch([hostile, PAIR], 'lines'))
    assert.equal(value.exact, false)
    assert.equal(applyPatch(hostile[0], value.unified()), hostile[1])
    assert.equal(after.status, 'fulfilled')
  })

  test('a length that lies cannot upset the budget', async () => {
    const liar = Object.defineProperty(Buffer.from('a\n'), 'byteLength', { value: Number.NaN })
    const pairs = Array.from({ length: 20 }, () => [liar, 'b\n'])
    const results = await collect(new Differ({ maxMemoryBytes: 1 }).batch(pairs, 'unified'))
    assert.ok(results.every(({ value }) => value.toString() === PATCH))
  })
})

suite('arguments of wrong types are thrown at once', () => {
  for (const [name, args, code, message] of [
    ['no pairs', [undefined, 'lines'], TYPE, /^pairs must be an iterable or an async iterable$/],
    ['null', [null, 'lines'], TYPE, /^pairs /],
    ['an object', [{}, 'lines'], TYPE, /^pairs /],
    ['a string', ['ab', 'lines'], TYPE, /^pairs /],
    ['no kind', [[], undefined], TYPE, /^kind must be a string$/],
    ['an unknown kind', [[], 'emoji'], INVALID, /^kind must be one of 'lines', /],
    ['a kind of all objects', [[], 'toString'], INVALID, /^kind /],
    ['options of another kind', [[], 'lines', { level: 1 }], INVALID, /^level is not an option$/],
    ['a bad level', [[], 'delta', { level: 99 }], INVALID, /^level /],
    ['a bad context', [[], 'unified', { context: -1 }], INVALID, /^context /],
    ['a bad header', [[], 'unified', { header: {} }], TYPE, /^header.oldName /],
    ['no signal', [[], 'unified', { signal: 'soon' }], TYPE, /^signal /],
  ]) {
    test(name, () => assert.throws(() => differ.batch(...args), coded(code, message)))
  }

  test('a foreign this', () => {
    assert.throws(() => Differ.prototype.batch.call({}, [], 'lines'), coded(TYPE, /^this /))
  })
})

suite('pairs are pulled', () => {
  test('when the first result is asked for, and never far ahead', async () => {
    const source = endless()
    const batch = new Differ({ concurrency: 2 }).batch(source, 'unified')
    await sleep(20)
    assert.equal(source.pulled, 0)
    for (let given = 1; given <= 10; given++) {
      await batch.next()
      await sleep(5)
      assert.ok(source.pulled <= given + 4, `${source.pulled} after ${given}`)
    }
    await batch.return()
    assert.equal(source.closed, 1)
  })

  test('leaving ends the wait for a pair that never comes', async () => {
    let closed = 0
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          closed++
          return { done: true, value: undefined }
        },
      }),
    }
    const batch = new Differ().batch(source, 'unified')
    const next = batch.next()
    await sleep(5)
    assert.deepEqual(await batch.return('left'), { done: true, value: 'left' })
    assert.deepEqual(await next, { done: true, value: undefined })
    assert.equal(closed, 1)
  })

  test('one at a time where the budget holds no two', async () => {
    const source = endless()
    const batch = new Differ({ concurrency: 8, maxMemoryBytes: 1 }).batch(source, 'unified')
    for (let given = 1; given <= 5; given++) {
      await batch.next()
      await sleep(10)
      // The result given is the caller's; of the others there is one, at work or ready.
      assert.ok(source.pulled <= given + 1, `${source.pulled} after ${given}`)
    }
    await batch.return()
  })

  test('again while others are at work: several run at once', async () => {
    const hurried = new Differ({ algorithm: 'minimal', deadlineMs: 300, concurrency: 2 })
    const hostile = hostilePair()
    const source = endless(() => ({ value: hostile, done: false }))
    const batch = hurried.batch(source, 'lines')
    const first = batch.next()
    await sleep(150)
    assert.equal(source.pulled, 2)
    await first
    await batch.return()
  })

  test('and a pair larger than all before waits for its turn', async () => {
    const [small, large] = [PAIR, largePair()]
    const order = [small, small, large, large, small, large, small, small]
    const results = await collect(
      new Differ({ maxMemoryBytes: 2 ** 20, concurrency: 4 }).batch(order, 'unified'),
    )
    assert.deepEqual(
      results.map(({ value }) => value),
      order.map((pair) => differ.unifiedSync(...pair)),
    )
  })
})

suite('an iterable that', () => {
  test('throws in next ends the batch after the pairs before', async () => {
    const error = new Error('no more')
    const source = endless((pulled) => {
      if (pulled === 3) throw error
      return { value: PAIR, done: false }
    })
    const results = []
    await assert.rejects(
      async () => {
        for await (const result of differ.batch(source, 'unified')) results.push(result)
      },
      (thrown) => thrown === error,
    )
    assert.equal(results.length, 3)
    assert.equal(source.closed, 0)
  })

  test('throws when it is opened, or has no iterator, ends the batch', async () => {
    const error = new Error('not now')
    const throwing = {
      [Symbol.asyncIterator]() {
        throw error
      },
    }
    await assert.rejects(collect(differ.batch(throwing, 'lines')), (thrown) => thrown === error)
    const empty = { [Symbol.iterator]: () => undefined }
    await assert.rejects(collect(differ.batch(empty, 'lines')), TypeError)
  })

  test('gives steps that are no objects is refused', async () => {
    const source = endless(() => 5)
    const refusal = coded(TYPE, /^pairs must be an iterable whose next\(\) gives objects$/)
    await assert.rejects(collect(differ.batch(source, 'lines')), refusal)
  })

  test('never ends is closed by a break', async () => {
    const source = endless()
    for await (const { value } of differ.batch(source, 'unified')) {
      assert.equal(value, PATCH)
      if (source.pulled > 20) break
    }
    assert.equal(source.closed, 1)
    const { pulled } = source
    await sleep(20)
    assert.equal(source.pulled, pulled)
  })

  test('is closed by a generator’s finally', async () => {
    let closed = false
    async function* source() {
      try {
        for (;;) yield PAIR
      } finally {
        await sleep(1)
        closed = true
      }
    }
    for await (const _ of differ.batch(source(), 'lines')) break
    assert.ok(closed)
  })

  test('throws in return: whoever breaks hears of it', async () => {
    const error = new Error('would not close')
    const source = Object.assign(endless(), {
      return() {
        throw error
      },
    })
    await assert.rejects(
      async () => {
        for await (const _ of differ.batch(source, 'lines')) break
      },
      (thrown) => thrown === error,
    )
  })

  test('has no return is left alone', async () => {
    const source = Object.assign(endless(), { return: undefined })
    for await (const _ of differ.batch(source, 'lines')) break
  })

  test('never answers holds up no break', async () => {
    let closed = 0
    const source = {
      pulled: 0,
      [Symbol.asyncIterator]() {
        return this
      },
      next() {
        return this.pulled++ === 0
          ? Promise.resolve({ value: PAIR, done: false })
          : new Promise(() => {})
      },
      return() {
        closed++
        return new Promise(() => {})
      },
    }
    for await (const _ of differ.batch(source, 'lines')) break
    assert.equal(closed, 1)
  })

  test('rejects after the break ends nothing', async () => {
    const source = {
      pulled: 0,
      [Symbol.asyncIterator]() {
        return this
      },
      async next() {
        if (this.pulled++ === 0) return { value: PAIR, done: false }
        await sleep(20)
        throw new Error('too late')
      },
      async return() {
        throw new Error('too late, too')
      },
    }
    for await (const _ of differ.batch(source, 'lines')) break
    // An unhandled rejection would fail the test.
    await sleep(60)
  })

  test('gives nothing but failures leaves timers their turn', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    const source = endless(() => ({ value: null, done: false }))
    const batch = differ.batch(source, 'lines', { signal: controller.signal })
    await assert.rejects(collect(batch), coded('ABORT_ERR'))
  })
})

suite('an abort', () => {
  test('that came before ends the batch before anything is pulled', async () => {
    const source = endless()
    const signal = AbortSignal.abort('no')
    await assert.rejects(
      differ.batch(source, 'lines', { signal }).next(),
      (error) => coded('ABORT_ERR')(error) && error.cause === 'no' && error.name === 'AbortError',
    )
    assert.equal(source.pulled, 0)
  })

  test('in flight rejects soon, stops the work and closes the source', async () => {
    const minimal = new Differ({ algorithm: 'minimal' })
    const hostile = hostilePair()
    const source = endless(() => ({ value: hostile, done: false }))
    const controller = new AbortController()
    const running = minimal.batch(source, 'lines', { signal: controller.signal }).next()
    setTimeout(() => controller.abort(), 100)
    const start = performance.now()
    await assert.rejects(running, coded('ABORT_ERR'))
    assert.ok(performance.now() - start < 2_000)
    assert.equal(source.closed, 1)
    assert.ok((await processorTimeOfHalfASecond()) < 250)
  })

  test('interrupts the wait for a source that never answers', async () => {
    const source = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    }
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    const batch = differ.batch(source, 'lines', { signal: controller.signal })
    await assert.rejects(collect(batch), coded('ABORT_ERR'))
  })

  test('leaves no listener behind', async () => {
    const controller = new AbortController()
    const { signal } = controller
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args) => {
      listeners--
      remove(...args)
    }
    await collect(differ.batch([PAIR, PAIR], 'lines', { signal }))
    for await (const _ of differ.batch(endless(), 'lines', { signal })) break
    assert.equal(listeners, 0)
  })
})

test('a break stops the work that is under way', async () => {
  const minimal = new Differ({ algorithm: 'minimal', concurrency: 2 })
  const hostile = hostilePair()
  const source = endless((pulled) => ({ value: pulled === 0 ? PAIR : hostile, done: false }))
  for await (const _ of minimal.batch(source, 'lines')) break
  assert.equal(source.closed, 1)
  await sleep(100)
  assert.ok((await processorTimeOfHalfASecond()) < 250)
})
