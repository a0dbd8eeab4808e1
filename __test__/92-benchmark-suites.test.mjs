// The benchmark's suites: what they compare gives right answers, a wrong one is found, and what must be ended is.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite, test } from 'node:test'
import { cpuOfCommand, outputOf } from '../benchmark/commands.mjs'
import { checkJson, jsonContender, PEERS } from '../benchmark/contenders/json.mjs'
import { checkText, textContender } from '../benchmark/contenders/text.mjs'
import { deploymentTexts } from '../benchmark/documents/deployment.mjs'
import { NAMES as DOCUMENTS, objectPair } from '../benchmark/documents/objects.mjs'
import { loadPair } from '../benchmark/documents/pairs.mjs'
import { NAMES as HARD, pathologicalPair } from '../benchmark/documents/pathological.mjs'
import { findProgram } from '../benchmark/find-peer.mjs'
import { cpuOf, inTurn } from '../benchmark/in-turn.mjs'
import { runIsolated } from '../benchmark/isolated.mjs'
import { loadPart } from '../benchmark/suites.mjs'
import { versus } from '../benchmark/versus.mjs'

const SMALL = { from: 'deployment' }
/** Parts whose cases are checked here; the others measure while they make their rows. */
const PARTS = ['boundary', 'diff', 'diff-json', 'diff-words', 'envelope-metastores']

suite('parts', () => {
  for (const name of PARTS) {
    test(`every answer of ${name} is right`, async (t) => {
      const { title, about, cases } = await loadPart(name)
      assert.ok(title && about.endsWith('.'))
      let [checked, missing] = [0, 0]
      for await (const row of cases({ quick: true, isLate: () => false })) {
        assert.ok(row.group && row.name, JSON.stringify(row))
        if (row.missing) {
          assert.ok(row.missing.name && row.missing.command)
          missing++
        }
        if (row.ours === undefined) continue
        await row.check()
        await row.ours()
        await row.theirs?.()
        checked++
      }
      // In CI no peer is missing.
      if (checked === 0 && missing > 0 && !process.env.CI) {
        t.skip('next: npm ci --ignore-scripts --prefix benchmark/peers')
      } else assert.ok(checked > 0, 'no case was there to be checked')
    })
  }
})

test('a quick run has every headline', async () => {
  const headlinesOf = async (cases, quick) => {
    const names = []
    for await (const row of cases({ quick, isLate: () => false }))
      if (row.headline) names.push(row.name)
    return names.sort()
  }
  for (const name of ['boundary', 'documents', 'envelope']) {
    const { cases } = await loadPart(name)
    assert.deepEqual(await headlinesOf(cases, true), await headlinesOf(cases, false))
  }
})

suite('texts beside Rust crates', { skip: process.platform === 'win32' }, () => {
  /** What the part makes of a program that prints `line`, wherever Cargo would have left it. */
  async function rowsOf(t, line) {
    const folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-test-'))
    const { CARGO_TARGET_DIR } = process.env
    process.env.CARGO_TARGET_DIR = folder
    t.after(() => {
      if (CARGO_TARGET_DIR === undefined) delete process.env.CARGO_TARGET_DIR
      else process.env.CARGO_TARGET_DIR = CARGO_TARGET_DIR
      rmSync(folder, { recursive: true })
    })
    mkdirSync(path.join(folder, 'release'))
    if (line) {
      const program = `#!/bin/sh\necho '${line}'\n`
      writeFileSync(path.join(folder, 'release/speed'), program, { mode: 0o700 })
    }
    const { cases } = await loadPart('diff-crates')
    const rows = []
    for await (const row of cases({ quick: true, isLate: () => true })) rows.push(row)
    return rows
  }

  test('a text is held to the floor of its crate', async (t) => {
    const floor = { of: 'similar', most: 0.3 }
    const figures = { name: 'reversed', ours: 30, imara: null, similar: 150, floor }
    const rows = await rowsOf(t, JSON.stringify({ ...figures, changes: 106, least: 100 }))
    const [imara, similar, length, bound] = rows
    assert.deepEqual(
      [imara.limit, imara.beside.value, imara.beside.atLeast],
      [undefined, 10_000, true],
    )
    assert.deepEqual([similar.limit, similar.value, similar.beside.value], [0.3, 30, 150])
    assert.match(similar.beside.version, /^\d+\.\d+/)
    assert.deepEqual([length.limit, length.value, length.beside.value], [1.05, 106, 100])
    assert.deepEqual([bound.limit, bound.value], [400, 30])
  })

  test('one that fails says so', async (t) => {
    const [{ failed }] = await rowsOf(t, 'no JSON')
    assert.match(failed, /JSON/)
  })

  test('where the program was not built, the command is named', async (t) => {
    const [{ missing }] = await rowsOf(t)
    assert.match(missing.command, /^cargo build --release --manifest-path benchmark\/rust/)
  })
})

suite('documents', () => {
  test('the Deployment is one of about 3.4 KB', () => {
    for (const text of deploymentTexts()) assert.ok(text.length > 3300 && text.length < 3500)
  })

  test('every pair differs, and is the same when it is made again', () => {
    const pairs = [
      ...HARD.map((name) => () => pathologicalPair(name, 400)),
      ...DOCUMENTS.map(
        (name) => () => objectPair(name, 0.01).map((value) => JSON.stringify(value)),
      ),
      ...['definition', 'retouched', 'rewritten', 'prose'].map(
        (from) => () => loadPair({ from, size: 100 }),
      ),
    ]
    for (const pair of pairs) {
      const [old, new_] = pair()
      assert.notEqual(old, new_)
      assert.deepEqual(pair(), [old, new_])
    }
  })
})

suite('answers', () => {
  test('a wrong diff of texts is found', async () => {
    const contender = await textContender('sealdiff')
    const [old, new_] = deploymentTexts()
    checkText(contender, old, new_)
    const wrong = { ...contender, diff: () => contender.diff(old, `${new_}more\n`) }
    assert.throws(() => checkText(wrong, old, new_))
  })

  test('a wrong diff of documents is found, by whomever', async () => {
    const [old, new_] = objectPair('Deployment')
    for (const name of ['sealdiff', ...PEERS]) {
      const contender = await jsonContender(name)
      if (contender.missing) continue
      checkJson(contender, old, new_)
      const wrong = { ...contender, diff: () => contender.diff(old, { ...new_, more: 1 }) }
      assert.throws(() => checkJson(wrong, old, new_))
    }
  })
})

suite('processes of their own', () => {
  test('one that takes too long is ended', async () => {
    const pair = { from: 'pathological', name: 'shuffled', size: 200_000 }
    const result = await runIsolated(
      { kind: 'text', contender: 'sealdiff', pair, runs: 1_000_000 },
      { capMs: 50 },
    )
    assert.deepEqual(result, { overMs: 50 })
  })

  test('one that runs out of memory says so', async () => {
    const pair = { from: 'definition', size: 60_000 }
    const job = { kind: 'text', contender: 'sealdiff', pair }
    const { failed } = await runIsolated(job, { heapMiB: 16 })
    assert.equal(failed, 'out of memory with 16 MiB')
  })

  test('figures are those of the job', async () => {
    const job = { kind: 'text', contender: 'sealdiff', pair: SMALL, runs: 3 }
    const { figures } = await runIsolated(job, {})
    assert.equal(figures.cpuMs.length, 3)
    assert.ok(figures.cpuMs.every((time) => time >= 0) && figures.peakMiB >= 0)
  })

  test('a peer that was ended stands beside ours with what it had taken', async () => {
    const peer = { name: 'jsdiff', label: 'slow', version: '1.0.0' }
    const pair = { from: 'rewritten', size: 6000 }
    const subject = { group: 'a group', name: 'a case', ours: 'sealdiff', pair, kind: 'text', peer }
    const row = await versus({ ...subject, timed: () => assert.fail('it is slow'), quick: true })
    assert.deepEqual(row.beside, { name: 'slow', version: '1.0.0', value: 1500, atLeast: true })
    assert.ok(row.value > 0 && row.unit === 'ms')
  })
})

suite('commands', () => {
  const missing = findProgram('diff', { install: '' }).missing && 'diff is missing'

  test('a command that fails is no answer', { skip: missing }, () => {
    assert.throws(() => outputOf(['diff', '-u', '/no/such/file', '/none']), /diff ended with 2/)
  })

  test('git takes files as they are, also when it is started in a checkout', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sealdiff-commands-'))
    const files = ['old', 'new'].map((name) => path.join(folder, name))
    await writeFile(files[0], 'a line\r\n')
    await writeFile(files[1], 'a line\n')
    const patch = outputOf(['git', 'diff', '--no-index', ...files])
    await rm(folder, { recursive: true })
    assert.match(patch, /^-a line\r$/m)
  })

  test('its CPU time stands beside ours', { skip: missing }, async () => {
    const command = cpuOfCommand(['diff', '-u', '/dev/null', '/dev/null'])
    const effort = { rounds: 3, roundMs: 5, warmMs: 5 }
    const figures = await inTurn(
      cpuOf(() => Buffer.alloc(100_000, 'x')),
      command,
      effort,
    )
    assert.ok(figures.value > 0 && figures.theirs.value > 0)
    assert.ok(figures.ratio < 1, 'starting a process takes longer')
  })
})
