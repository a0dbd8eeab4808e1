// Three-way merges: against git merge-file, arguments, results, aborts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { suite, test } from 'node:test'
import { Differ } from 'sealdiff'
import { coded, detach, hostilePair, inFolder, notTexts, randomSource } from './support/diff.mjs'

const STYLES = { merge: [], diff3: ['--diff3'], zdiff3: ['--zdiff3'] }
const differ = new Differ()

/** What `git merge-file -p` writes, and the number of conflicts, which is its exit code. */
function gitMerge(base, ours, theirs, flags) {
  return inFolder((folder) => {
    const files = { ours, base, theirs }
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
    const { status, stdout } = spawnSync(
      'git',
      ['merge-file', '-p', ...flags, ...Object.keys(files)],
      { cwd: folder },
    )
    return { text: stdout, conflicts: status }
  })
}

/** A text in which no line occurs twice, and two that were edited from it. */
function randomVersions(random) {
  const base = Array.from({ length: 5 + random(40) }, (_, at) => `line ${at} é😀`)
  const edit = (name) =>
    base.flatMap((line, at) => {
      const kind = random(24)
      if (kind === 0) return []
      if (kind === 1) return [line, `${name} ${at}`]
      if (kind === 2) return [`${name} instead of ${at}`]
      return kind === 3 ? [`both instead of ${at}`] : [line]
    })
  const end = () => (random(5) === 0 ? '' : '\n')
  return [base, edit('ours'), edit('theirs')].map((lines) => lines.join('\n') + end())
}

suite('against git merge-file', () => {
  for (const [style, flags] of Object.entries(STYLES)) {
    test(`style ${style} gives the same bytes and conflicts`, async () => {
      const random = randomSource(11)
      const seen = { clean: 0, conflicting: 0 }
      for (let round = 0; round < 40; round++) {
        const texts = randomVersions(random)
        const git = gitMerge(...texts, flags)
        const merged = await differ.merge(...texts, { style })
        assert.equal(merged.text, git.text.toString())
        assert.equal(merged.conflicts.length, git.conflicts)
        assert.deepEqual([merged.isClean, merged.exact], [git.conflicts === 0, true])
        assert.deepEqual(differ.mergeSync(...texts, { style }), merged)
        seen[merged.isClean ? 'clean' : 'conflicting']++
      }
      assert.ok(seen.clean > 5 && seen.conflicting > 5, JSON.stringify(seen))
    })
  }

  test('bytes, CRLF and texts without a last newline', () => {
    const triples = [
      ['a\r\nb\r\n', 'x\r\nb\r\n', 'y\r\nb\r\n'],
      ['a\nb', 'a\nx', 'a\ny'],
      ['', 'a\n', 'b'],
      ['a\n', '', 'b\n'],
      [Buffer.from([0xff, 10, 0xc3]), Buffer.from([0xfe, 10, 0xc3]), Buffer.from([0xff, 10, 1])],
    ]
    for (const texts of triples) {
      const bytes = texts.map((text) => Buffer.from(text))
      const { text, conflicts } = differ.mergeSync(...bytes)
      const git = gitMerge(...bytes, [])
      assert.deepEqual([text, conflicts.length], [git.text, git.conflicts])
    }
  })
})

suite('results', () => {
  test('are a Buffer if any text is a Uint8Array, else a string', () => {
    const texts = ['a\n', 'b\n', 'a\n']
    assert.equal(differ.mergeSync(...texts).text, 'b\n')
    for (const at of texts.keys()) {
      const mixed = texts.with(at, new Uint8Array(Buffer.from(texts[at])))
      assert.deepEqual(differ.mergeSync(...mixed).text, Buffer.from('b\n'))
    }
  })

  test('keep lone surrogates', () => {
    assert.equal(
      differ.mergeSync('a\n1\nb\n', '\ud800\n1\nb\n', 'a\n1\n\udfff\n').text,
      '\ud800\n1\n\udfff\n',
    )
  })

  test('say where each conflict is, in lines from 1', () => {
    const base = 'a\nb\nc\nd\ne\n'
    const { text, conflicts, isClean } = differ.mergeSync(
      base,
      base.replace('a\n', '').replace('c', 'C'),
      base.replace('c\n', ''),
    )
    assert.equal(text, 'b\n<<<<<<< ours\nC\n=======\n>>>>>>> theirs\nd\ne\n')
    assert.equal(isClean, false)
    assert.deepEqual(conflicts, [
      {
        start: 2,
        lines: 4,
        baseStart: 3,
        baseLines: 1,
        oursStart: 2,
        oursLines: 1,
        theirsStart: 2,
        theirsLines: 0,
      },
    ])
  })

  test('have the labels that were asked for', () => {
    const labels = { ours: 'HEAD', base: '', theirs: 'topic é' }
    const { text } = differ.mergeSync('a', 'b', 'c', { style: 'diff3', labels })
    assert.equal(text, '<<<<<<< HEAD\nb\n|||||||\na\n=======\nc\n>>>>>>> topic é\n')
  })

  test('take what the differ ignores for no change', () => {
    const { text, isClean } = new Differ({ ignoreCase: true }).mergeSync(
      'a\nb\nc\n',
      'A\nb\nc\n',
      'a\nb\nd\n',
    )
    assert.deepEqual([text, isClean], ['A\nb\nd\n', true])
  })

  test('are coarser when the deadline came first', async () => {
    const [base, ours] = hostilePair()
    const hurried = new Differ({ algorithm: 'minimal', deadlineMs: 0 })
    const { exact, conflicts, isClean } = await hurried.merge(
      base,
      ours,
      [...base].reverse().join(''),
    )
    assert.deepEqual([exact, isClean], [false, false])
    assert.ok(conflicts.length > 0)
  })
})

suite('arguments', () => {
  test('that are no text are refused by name', async () => {
    for (const [what, wrong] of Object.entries(notTexts())) {
      for (const [at, name] of ['base', 'ours', 'theirs'].entries()) {
        const texts = ['a', 'b', 'c'].with(at, wrong)
        const refusal = coded('ERR_INVALID_ARG_TYPE', new RegExp(`^${name} must`))
        assert.throws(() => differ.mergeSync(...texts), refusal, what)
        await assert.rejects(differ.merge(...texts), refusal, what)
      }
    }
  })

  test('options are checked by name', async () => {
    const cases = [
      [{ style: 'ours' }, 'ERR_INVALID_ARG_VALUE', /^style must be one of/],
      [{ style: 1 }, 'ERR_INVALID_ARG_TYPE', /^style must be a string/],
      [{ labels: 'x' }, 'ERR_INVALID_ARG_TYPE', /^labels must be an object/],
      [{ labels: { ours: 1 } }, 'ERR_INVALID_ARG_TYPE', /^labels\.ours must be a string/],
      [
        { labels: { base: 'a\nb' } },
        'ERR_INVALID_ARG_VALUE',
        /^labels\.base must not hold line ends/,
      ],
      [{ labels: { theirs: 'a\r' } }, 'ERR_INVALID_ARG_VALUE', /^labels\.theirs must not hold/],
      [
        { labels: { ours: '\ud800' } },
        'ERR_INVALID_ARG_VALUE',
        /^labels\.ours must be well-formed/,
      ],
      [{ labels: { mine: 'x' } }, 'ERR_INVALID_ARG_VALUE', /^labels\.mine is not an option/],
      [{ favor: 'ours' }, 'ERR_INVALID_ARG_VALUE', /^favor is not an option/],
      [null, 'ERR_INVALID_ARG_TYPE', /^options must be an object/],
    ]
    for (const [options, code, message] of cases) {
      assert.throws(() => differ.mergeSync('a', 'b', 'c', options), coded(code, message))
      await assert.rejects(differ.merge('a', 'b', 'c', options), coded(code, message))
    }
    const signal = AbortSignal.timeout(1000)
    assert.throws(
      () => differ.mergeSync('a', 'b', 'c', { signal }),
      coded('ERR_INVALID_ARG_VALUE', /^signal is not an option/),
    )
  })

  test('bytes may change right after the call of the promise form', async () => {
    const [base, ours, theirs] = ['a\n1\nb\n', 'x\n1\nb\n', 'a\n1\ny\n'].map((text) =>
      Buffer.from(text),
    )
    const merging = differ.merge(base, ours, theirs)
    base.fill(0)
    ours.fill(0)
    detach(Uint8Array.from(theirs))
    theirs.fill(0)
    assert.equal((await merging).text.toString(), 'x\n1\ny\n')
  })

  test('the method needs a Differ', () => {
    assert.throws(
      () => Differ.prototype.mergeSync.call({}, 'a', 'b', 'c'),
      coded('ERR_INVALID_ARG_TYPE', /^this/),
    )
  })
})

test('an abort ends the merge', async () => {
  const [base, ours] = hostilePair()
  const reason = new Error('enough')
  await assert.rejects(
    differ.merge(base, ours, 'c', { signal: AbortSignal.abort(reason) }),
    (error) => error.code === 'ABORT_ERR' && error.name === 'AbortError' && error.cause === reason,
  )
  const slow = new Differ({ algorithm: 'minimal' })
  await assert.rejects(
    slow.merge(base, ours, base, { signal: AbortSignal.timeout(50) }),
    coded('ABORT_ERR'),
  )
})
