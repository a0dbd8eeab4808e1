// Documents through the public API: Differ.json, JsonDiff, patches of documents.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import vm from 'node:vm'
import { applyJsonPatch, applyMergePatch, Differ, JsonDiff } from 'sealdiff'
import { coded as codedError, randomSource } from './support/diff.mjs'
import { notData, SECRET } from './support/hostile.mjs'

const differ = new Differ()

/** Whether an error is of a class, and has a code and a message. */
const coded = (code, Class, message) => (error) => {
  assert.ok(error instanceof Class, error.stack)
  return codedError(code, message)(error)
}
const vector = (name) => readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')

const before = {
  kind: 'Deployment',
  metadata: { name: 'web', managedFields: [{ manager: 'kubectl' }] },
  spec: { replicas: 2, containers: ['a', 'b', 'c'].map((name) => ({ name, image: `${name}:1` })) },
  status: { ready: 2 },
}
const after = {
  ...before,
  metadata: { name: 'web', managedFields: [] },
  spec: {
    replicas: 3,
    containers: [
      { name: 'b', image: 'b:1' },
      { name: 'c', image: 'c:2' },
    ],
  },
  status: { ready: 3, observed: 1 },
}

/** A random value of few distinct parts, so that two of them have much in common. */
function randomValue(random, depth = 4) {
  const kind = random(depth > 0 ? 8 : 5)
  // At the top a string would be text.
  const scalars = [null, true, random(3), depth < 4 ? 'text' : 7, depth < 4 ? 'é/~"\n😀' : false]
  if (kind < 5) return scalars[kind]
  const children = Array.from({ length: random(5) }, () => randomValue(random, depth - 1))
  if (kind === 5) return children
  return Object.fromEntries(children.map((child) => [['a', 'b', 'name', '~/'][random(4)], child]))
}

suite('json', () => {
  test('gives the patch, the paths and the counts, as a promise and at once', async () => {
    const options = { ignore: ['/metadata/managedFields', '/status/**'], arrayKey: 'name' }
    for (const diff of [
      await differ.json(before, after, options),
      differ.jsonSync(before, after, options),
    ]) {
      assert.ok(diff instanceof JsonDiff)
      assert.deepEqual(diff.patch, [
        { op: 'remove', path: '/spec/containers/0' },
        { op: 'replace', path: '/spec/containers/1/image', value: 'c:2' },
        { op: 'replace', path: '/spec/replicas', value: 3 },
      ])
      assert.deepEqual(diff.paths, [
        '/spec/containers/0',
        '/spec/containers/1/image',
        '/spec/replicas',
      ])
      assert.deepEqual(diff.summary, { added: 0, removed: 1, replaced: 2 })
      assert.equal(diff.exact, true)
      assert.match(diff.unified({ context: 0 }), /^-.*"replicas": 2$/m)
      assert.doesNotMatch(diff.unified({ context: 100 }), /managedFields|ready/)
    }
  })

  test('takes values, JSON and YAML, as strings and as bytes, in any mixture', async () => {
    const json = '{"a": [1, 2.50], "b": "\\u00e9"}'
    const value = { a: [1, 2.5], b: 'é' }
    const yaml = 'b: é\na:\n- 1\n- 2.50\n'
    const same = [json, Buffer.from(json), new TextEncoder().encode(json)]
    for (const document of same) {
      assert.equal((await differ.json(document, json)).patchText, '[]')
      assert.equal(differ.jsonSync(json, document).unified(), '')
    }
    const yamls = [yaml, Buffer.from(yaml), json]
    for (const document of yamls) {
      const diff = await differ.json(document, yaml, { format: 'yaml' })
      assert.deepEqual(diff.patch, [])
    }
    assert.equal(differ.jsonSync(value, yaml, { format: 'yaml' }).patchText.includes('2.50'), true)
    assert.deepEqual(differ.jsonSync(value, json).paths, ['/a/1'])
    for (const scalar of [null, true, 1, new Date(0), [], vm.runInNewContext('({ a: 1 })')]) {
      assert.deepEqual(differ.jsonSync(scalar, JSON.stringify(scalar)).patch, [])
    }
  })

  test('turns every document into every other one', async () => {
    const random = randomSource(43)
    for (let round = 0; round < 300; round++) {
      const [oldDoc, newDoc] = [randomValue(random), randomValue(random)]
      const options = { tests: round % 2 === 0, arrayKey: round % 3 === 0 ? ['id', 'name'] : [] }
      const diff =
        round % 10 === 0
          ? await differ.json(oldDoc, newDoc, options)
          : differ.jsonSync(oldDoc, newDoc, options)
      assert.deepEqual(applyJsonPatch(oldDoc, diff.patch), newDoc)
      assert.deepEqual(JSON.parse(applyJsonPatch(JSON.stringify(oldDoc), diff.patchText)), newDoc)
      if (diff.mergePatch !== undefined) {
        assert.deepEqual(applyMergePatch(oldDoc, diff.mergePatch), newDoc)
      }
    }
  })

  test('writes the bytes of Flanksource’s fixtures with their profile', () => {
    for (const name of ['person', 'simple']) {
      const [oldDoc, newDoc] = ['old', 'new'].map((side) =>
        vector(`flanksource/${name}-${side}.json`),
      )
      const diff = differ.jsonSync(oldDoc, newDoc, { profile: 'flanksource' })
      assert.equal(diff.unified(), vector(`flanksource/${name}.diff`))
      assert.notEqual(differ.jsonSync(oldDoc, newDoc).unified(), diff.unified())
    }
  })

  test('keeps digits that JavaScript does not', () => {
    const [oldDoc, newDoc] = ['{"id":9007199254740993,"n":1}', '{"id":9007199254740992,"n":1.0}']
    const diff = differ.jsonSync(oldDoc, newDoc)
    assert.deepEqual(diff.paths, ['/id', '/n'])
    assert.match(diff.patchText, /9007199254740992.*1\.0/)
    assert.match(diff.mergePatchText, /"n":1\.0/)
    assert.equal(applyJsonPatch(oldDoc, diff.patchText), newDoc)
    assert.match(diff.unified(), /^-.*9007199254740993/m)
  })

  test('has no merge patch where a member would have to be set to null', () => {
    const diff = differ.jsonSync({}, { a: null })
    assert.equal(diff.mergePatch, undefined)
    assert.equal(diff.mergePatchText, undefined)
    assert.deepEqual(differ.jsonSync({ a: 1 }, {}).mergePatch, { a: null })
    assert.deepEqual(differ.jsonSync({ a: null }, {}, { dropNulls: true }).patch, [])
  })

  test('keeps lone surrogates', () => {
    const diff = differ.jsonSync({ a: '\ud800' }, { a: '\udc00', '\ud83d': 1 })
    assert.deepEqual(diff.patch, [
      { op: 'replace', path: '/a', value: '\udc00' },
      { op: 'add', path: '/\ud83d', value: 1 },
    ])
    assert.deepEqual(differ.jsonSync('"\ud83d\\ude00"', '"😀"').patch, [])
  })

  test('keys that objects inherit are keys like others', () => {
    const newDoc = JSON.parse('{"__proto__":{"x":1},"constructor":1}')
    const diff = differ.jsonSync({}, newDoc)
    assert.deepEqual(diff.paths, ['/__proto__', '/constructor'])
    const patched = applyJsonPatch({}, diff.patch)
    assert.ok(Object.hasOwn(patched, '__proto__') && {}.x === undefined)
  })

  test('a hundred thousand levels are neither too deep nor slow', async () => {
    const nested = (leaf) => '['.repeat(100_000) + leaf + ']'.repeat(100_000)
    const diff = await differ.json(nested(1), nested(2))
    assert.equal(applyJsonPatch(nested(1), diff.patchText), nested(2))
    assert.equal(typeof diff.mergePatchText, 'string')
  })

  test('copies bytes before it returns', async () => {
    const bytes = Buffer.from('{"a":1}')
    const promise = differ.json(bytes, '{"a":2}')
    bytes.fill(0)
    const diff = await promise
    assert.deepEqual(diff.patch, [{ op: 'replace', path: '/a', value: 2 }])
    assert.match(diff.unified(), /^-.*"a": 1$/m)
    const second = Buffer.from('{"a":1}')
    const sync = differ.jsonSync(second, '{"a":2}')
    second.fill(0)
    assert.deepEqual(sync.mergePatch, { a: 2 })
  })

  test('an aborted call rejects and stops', async () => {
    const big = JSON.stringify(Array.from({ length: 50_000 }, (_, n) => ({ n })))
    const controller = new AbortController()
    const promise = differ.json(big, big.replaceAll('7', '8'), { signal: controller.signal })
    controller.abort('enough')
    await assert.rejects(promise, { name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' })
    await assert.rejects(differ.json(1, 2, { signal: AbortSignal.abort() }), { code: 'ABORT_ERR' })
  })

  test('a deadline makes it coarse and not wrong', () => {
    const items = (step) =>
      Array.from({ length: 5_000 }, (_, n) => ['x'.repeat(40), (n * step) % 7])
    const [oldDoc, newDoc] = [items(3), items(5)]
    const diff = new Differ({ deadlineMs: 0 }).jsonSync(oldDoc, newDoc)
    assert.equal(diff.exact, false)
    assert.deepEqual(applyJsonPatch(oldDoc, diff.patch), newDoc)
  })
})

suite('what is refused', () => {
  test('documents that are malformed, with their line and not their text', async () => {
    for (const [oldDoc, newDoc, format, message] of [
      [`{"a":${SECRET}}`, '{}', 'json', /^the old document is invalid at line 1: /],
      ['{}', `{\n"${SECRET}"}`, 'json', /^the new document is invalid at line 2: /],
      ['a: 1', `a: [${SECRET}`, 'yaml', /^the new document is invalid at line /],
      [
        'a: 1\n---\nb: 1\n',
        '',
        'yaml',
        /^the old document is invalid at line 2: a second document/,
      ],
      [Buffer.from([0x22, 0xff, 0x22]), '1', 'json', /not UTF-8/],
    ]) {
      const wanted = coded('ERR_DOCUMENT_INVALID', Error, message)
      assert.throws(() => differ.jsonSync(oldDoc, newDoc, { format }), wanted)
      await assert.rejects(differ.json(oldDoc, newDoc, { format }), (error) => {
        assert.ok(!error.stack.includes(SECRET))
        return wanted(error)
      })
    }
  })

  test('aliases that stand for gigabytes', () => {
    const levels = Array.from(
      { length: 40 },
      (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]`,
    )
    const bomb = `a0: &a0 xxxxxxxxxx\n${levels.join('\n')}\n`
    const wanted = coded('ERR_DOCUMENT_INVALID', Error, /aliases stand for more than 16 MiB/)
    assert.throws(() => differ.jsonSync(bomb, bomb, { format: 'yaml' }), wanted)
  })

  test('values that JSON cannot hold', async () => {
    const circular = {}
    circular.self = circular
    const thrown = new Error('mine')
    const throwing = {
      toJSON() {
        throw thrown
      },
    }
    for (const value of [circular, 1n, { n: 1n }, throwing]) {
      const wanted = coded(
        'ERR_INVALID_ARG_VALUE',
        RangeError,
        /^oldDoc must be a value that JSON can hold$/,
      )
      assert.throws(() => differ.jsonSync(value, {}), wanted)
      await assert.rejects(differ.json(value, {}), wanted)
    }
    assert.throws(() => differ.jsonSync({}, throwing), { cause: thrown, message: /^newDoc / })
    const { 'array over shared memory': shared, 'array over a detached buffer': detached } =
      notData()
    const others = [
      undefined,
      () => {},
      Symbol('x'),
      new ArrayBuffer(4),
      new Uint16Array(4),
      new DataView(new ArrayBuffer(1)),
      shared,
      detached,
    ]
    for (const value of others) {
      const wanted = coded('ERR_INVALID_ARG_TYPE', TypeError, /^newDoc must /)
      assert.throws(() => differ.jsonSync({}, value), wanted)
      await assert.rejects(differ.json({}, value), wanted)
    }
  })

  test('bytes that the other document’s toJSON detaches', () => {
    const bytes = new Uint8Array(Buffer.from('{"a":1}'))
    const detaching = {
      toJSON: () => structuredClone(bytes.buffer, { transfer: [bytes.buffer] }) && 1,
    }
    assert.throws(
      () => differ.jsonSync(bytes, detaching),
      coded('ERR_INVALID_ARG_TYPE', TypeError, /^oldDoc must not be backed by a detached/),
    )
  })

  test('options that are wrong', async () => {
    for (const [options, code, name] of [
      [{ format: 'toml' }, 'ERR_INVALID_ARG_VALUE', 'format'],
      [{ profile: 1 }, 'ERR_INVALID_ARG_TYPE', 'profile'],
      [{ ignore: '/a' }, 'ERR_INVALID_ARG_TYPE', 'ignore'],
      [{ ignore: [1] }, 'ERR_INVALID_ARG_TYPE', 'ignore\\[0\\]'],
      [{ ignore: ['/a', 'b'] }, 'ERR_INVALID_ARG_VALUE', 'ignore\\[1\\]'],
      [{ ignore: ['\ud800'] }, 'ERR_INVALID_ARG_VALUE', 'ignore\\[0\\]'],
      [{ arrayKey: 1 }, 'ERR_INVALID_ARG_TYPE', 'arrayKey'],
      [{ arrayKey: ['a', null] }, 'ERR_INVALID_ARG_TYPE', 'arrayKey\\[1\\]'],
      [{ dropNulls: 1 }, 'ERR_INVALID_ARG_TYPE', 'dropNulls'],
      [{ tests: 'yes' }, 'ERR_INVALID_ARG_TYPE', 'tests'],
      [{ ignored: [] }, 'ERR_INVALID_ARG_VALUE', 'ignored'],
    ]) {
      const type = code.endsWith('TYPE') ? TypeError : RangeError
      const wanted = coded(code, type, new RegExp(`^${name} `))
      assert.throws(() => differ.jsonSync(1, 1, options), wanted)
      await assert.rejects(differ.json(1, 1, options), wanted)
    }
    assert.throws(
      () => differ.jsonSync(1, 1, { signal: AbortSignal.abort() }),
      coded('ERR_INVALID_ARG_VALUE', RangeError),
    )
  })

  test('a JsonDiff of one’s own making', () => {
    assert.throws(() => new JsonDiff(), coded('ERR_ILLEGAL_CONSTRUCTOR', TypeError))
    const { get } = Object.getOwnPropertyDescriptor(JsonDiff.prototype, 'patch')
    assert.throws(() => get.call({}), coded('ERR_INVALID_ARG_TYPE', TypeError))
    assert.throws(
      () => JsonDiff.prototype.unified.call({}),
      coded('ERR_INVALID_ARG_TYPE', TypeError),
    )
  })
})

suite('JsonDiff', () => {
  test('gives the same object each time', () => {
    const diff = differ.jsonSync({ a: 1 }, { a: 2 })
    for (const name of ['patch', 'paths', 'mergePatch']) assert.equal(diff[name], diff[name])
    assert.deepEqual(diff.summary, { added: 0, removed: 0, replaced: 1 })
  })

  test('renders with the differ’s context and the header that is asked for', () => {
    const [oldDoc, newDoc] = [
      { a: 1, b: 1, c: 1 },
      { a: 1, b: 2, c: 1 },
    ]
    const diff = new Differ({ context: 0 }).jsonSync(oldDoc, newDoc)
    const hunk = '@@ -3 +3 @@\n-  "b": 1,\n+  "b": 2,\n'
    assert.equal(diff.unified(), hunk)
    const header = { oldName: 'live', newName: 'wanted' }
    assert.equal(diff.unified({ header }), `--- live\n+++ wanted\n${hunk}`)
  })
})

suite('patches of documents', () => {
  test('give back what came: text, bytes or a value', () => {
    const patch = [{ op: 'add', path: '/b', value: 1 }]
    const merge = { b: 1 }
    for (const [apply, change] of [
      [applyJsonPatch, patch],
      [applyMergePatch, merge],
    ]) {
      for (const form of [change, JSON.stringify(change), Buffer.from(JSON.stringify(change))]) {
        assert.equal(apply('{ "z": 1.10 }', form), '{"z":1.10,"b":1}')
        assert.deepEqual(apply(Buffer.from('{"z":1}'), form), Buffer.from('{"z":1,"b":1}'))
        assert.deepEqual(apply({ z: 1 }, form), { z: 1, b: 1 })
      }
    }
    const doc = { z: { y: 1 } }
    applyJsonPatch(doc, [{ op: 'remove', path: '/z/y' }])
    assert.deepEqual(doc, { z: { y: 1 } })
  })

  test('pass the public suite', () => {
    let cases = 0
    for (const suiteName of ['tests', 'spec_tests']) {
      for (const { doc, patch, expected, error, comment } of JSON.parse(
        vector(`json-patch/${suiteName}.json`),
      )) {
        // JSON.parse takes the last of two members as well.
        if (error === "patch has two 'op' members") continue
        cases++
        // As text: a document that is a string would be taken for text.
        const text = JSON.stringify(doc)
        if (error !== undefined) {
          assert.throws(
            () => applyJsonPatch(text, patch),
            { code: /^ERR_PATCH_(INVALID|MISMATCH)$/ },
            comment,
          )
        } else {
          const patched = JSON.parse(applyJsonPatch(text, patch))
          if (expected !== undefined) assert.deepEqual(patched, expected, comment)
        }
      }
    }
    assert.ok(cases >= 110, String(cases))
  })

  test('that are malformed or do not fit are refused with the operation', () => {
    const invalid = (message) => coded('ERR_PATCH_INVALID', Error, message)
    assert.throws(() => applyJsonPatch({}, [{ op: 'spam', path: '' }]), invalid(/^operation 1 /))
    assert.throws(() => applyJsonPatch({}, '[\n'), invalid(/line 2/))
    assert.throws(() => applyJsonPatch({}, {}), invalid(/a JSON Patch is an array/))
    assert.throws(() => applyMergePatch({}, '{'), invalid(/line 1/))
    const mismatch = coded('ERR_PATCH_MISMATCH', Error, /^operation 2 /)
    const patch = [
      { op: 'add', path: '/a', value: SECRET },
      { op: 'test', path: '/a', value: 1 },
    ]
    assert.throws(
      () => applyJsonPatch({}, patch),
      (error) => {
        assert.ok(!error.stack.includes(SECRET) && typeof error.hint === 'string')
        return mismatch(error)
      },
    )
    assert.throws(() => applyJsonPatch('{', []), coded('ERR_DOCUMENT_INVALID', Error))
    assert.throws(
      () => applyJsonPatch(undefined, []),
      coded('ERR_INVALID_ARG_TYPE', TypeError, /^doc /),
    )
    assert.throws(
      () => applyMergePatch({}, undefined),
      coded('ERR_INVALID_ARG_TYPE', TypeError, /^patch /),
    )
  })
})
