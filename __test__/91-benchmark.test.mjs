// The benchmark's command: its options, a small run, the files it writes, and its report in a browser.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, suite, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { compareRuns } from '../benchmark/compare.mjs'
import { findPeer, findProgram, installAll } from '../benchmark/find-peer.mjs'
import { markdownTable, svgChart } from '../benchmark/markdown.mjs'
import { runPartInProcess } from '../benchmark/part-process.mjs'
import { htmlReport } from '../benchmark/report.mjs'
import { standing } from '../benchmark/rows.mjs'
import { runAll } from '../benchmark/run.mjs'
import { mistakeIn } from '../benchmark/run-file.mjs'
import { loadParts, SUITES } from '../benchmark/suites.mjs'
import { root } from '../scripts/project.mjs'
import { browserOfSuite, missing } from './support/browser.mjs'

const PROGRAM = path.join(root, 'benchmark/index.mjs')
const HOSTILE =
  '</td></style><script>alert(1)</script><img src=x onerror=alert(1)>"\'&|`\u202e\x1b[31m'
const SILENT = { partBegins() {}, caseBegins() {}, rowMade() {}, partEnds() {} }

let folder
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sealdiff-bench-'))
})
after(() => rm(folder, { recursive: true }))

/** Runs the command in the test's folder. @returns {Promise<{ code: number, stdout: string, stderr: string }>} */
function bench(...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
  })
}

const read = (name) => readFile(path.join(folder, name), 'utf8')
const rowsOf = (run) => run.parts.flatMap(({ rows }) => rows)

/** By what Linux says of each process. @param {number} pid @returns {number[]} */
function childrenOf(pid) {
  const file = `/proc/${pid}/task/${pid}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : []
}

/** One that has ended and waits to be buried is not. */
function isThere(pid) {
  const file = `/proc/${pid}/stat`
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, 'utf8'))
}

/** With all that it had started. @param {number[]} started @returns its exit code and the signal that ended it */
async function endsWithAll(child, started, end) {
  const ended = once(child, 'exit')
  end()
  const outcome = await ended
  for (let tries = 0; tries < 100 && started.some(isThere); tries++) await setTimeout(20)
  assert.deepEqual(started.filter(isThere), [])
  return outcome
}

/** What `runAll` makes of cases, each of them quick. */
function runOf(...cases) {
  const part = {
    suite: 'diff',
    name: 'made',
    title: 'Made',
    about: 'For a test.',
    cases: () => cases,
  }
  return runAll([part], { quick: true }, SILENT)
}

const peer = { name: 'peer', version: '1.2.3' }
const work = () => Buffer.alloc(2000, 'work').toString('base64').length
const comparison = (fields) => ({
  group: 'g',
  name: 'n',
  peer,
  ours: work,
  theirs: work,
  ...fields,
})

suite('the command', () => {
  test('explains itself', async () => {
    const { code, stdout } = await bench('--help')
    assert.equal(code, 0)
    for (const word of [...SUITES, '--quick', '--json', '--html', '--compare', '--markdown']) {
      assert.ok(stdout.includes(word), word)
    }
  })

  test('refuses what it does not know, in one line and with exit code 2', async () => {
    await writeFile(path.join(folder, 'other.json'), '{ "name": "not a run" }')
    for (const [args, message] of [
      [['--fast'], /Unknown option '--fast'/],
      [['envelopes'], /no suite envelopes; the suites are boundary, envelope/],
      [['envelope/none'], /no part envelope\/none/],
      [['--old', 'a.yaml'], /--old and --new belong together/],
      [['--from', 'none.json'], /can't read none\.json/],
      [['boundary', 'diff/none'], /no part diff\/none/],
      [['--old', 'nope', '--new', 'nope'], /can't read nope/],
      [['--html', 'no/such/folder.html'], /can't write no\/such\/folder\.html/],
      [['--compare', 'other.json'], /other\.json is not a run .* its schema is not/],
    ]) {
      const { code, stdout, stderr } = await bench(...args)
      assert.equal(code, 2, stderr)
      assert.equal(stdout, '')
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /^ {4}at /m)
    }
  })

  test('measures, and writes the run and its report', async () => {
    const files = ['--json', 'run.json', '--html', 'run.html']
    const only = ['--quick', '--filter', 'sealSync 64 B']
    const { code, stdout, stderr } = await bench('envelope/envelope', ...only, ...files)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /# 1\/1 Sealing and unsealing records/)
    assert.match(stdout, /^sealSync 64 B +[\d.]+/m)
    const run = JSON.parse(await read('run.json'))
    assert.equal(mistakeIn(run), undefined)
    assert.deepEqual([run.mode, run.filter], ['quick', 'sealSync 64 B'])
    const [row] = rowsOf(run)
    assert.equal(row.beside.name, 'node:crypto')
    assert.ok(row.ratio > 0 && row.quartiles[0] <= row.ratio && row.ratio <= row.quartiles[1])
    assert.ok(run.parts[0].noise.ratio > 0)
    assert.equal(await read('run.html'), htmlReport(run))
  })

  test('takes a run that was measured before, and finds no change against itself', async () => {
    const files = ['--svg', 'run.svg', '--markdown', 'run.md', '--compare', 'run.json']
    const { code, stdout, stderr } = await bench('--from', 'run.json', '--json', ...files)
    assert.equal(code, 0, stderr)
    assert.equal(stdout, await read('run.json'))
    assert.match(stderr, /^0 ratios changed beyond the noise, [1-9]\d* did not$/m)
    assert.match(await read('run.svg'), /^<svg xmlns=/)
    assert.match(await read('run.md'), /sealSync 64 B \| \*\*\d/)
  })
})

suite('a run', () => {
  test('names a wrong answer and a suite that breaks, and does not time them', async () => {
    const timed = { calls: 0 }
    const count = () => {
      timed.calls += 1
    }
    const check = () => assert.equal(1, 2)
    async function* cases() {
      yield comparison({ name: 'wrong', ours: count, check })
      yield comparison({ name: 'right' })
      throw new Error('out of documents')
    }
    const part = { suite: 'diff', name: 'made', title: 'Made', about: '', cases }
    const run = await runAll([part], { quick: true }, SILENT)
    assert.equal(timed.calls, 0)
    const [wrong, right, rest] = rowsOf(run)
    assert.match(wrong.failed, /AssertionError/)
    assert.ok(right.ratio > 0)
    assert.match(rest.failed, /out of documents/)
  })

  test('goes on when the process of a part ends', async () => {
    const parts = ['one', 'two'].map((name) => ({ suite: 'diff', name, title: name, about: '' }))
    const run = await runAll(parts, { quick: true }, SILENT, runPartInProcess)
    const failures = rowsOf(run).map(({ failed }) => failed)
    assert.deepEqual(failures, Array(2).fill('its process ended with 1'))
  })

  test('that is ended leaves no process behind', {
    skip: process.platform !== 'linux',
  }, async () => {
    const child = spawn(process.execPath, [PROGRAM, 'memory/memory'], {
      cwd: folder,
      stdio: 'ignore',
    })
    const grandchildren = () => childrenOf(child.pid).flatMap(childrenOf)
    while (grandchildren().length === 0) await setTimeout(20)
    const started = [...childrenOf(child.pid), ...grandchildren()]
    const [, signal] = await endsWithAll(child, started, () => child.kill('SIGTERM'))
    assert.equal(signal, 'SIGTERM')
  })

  test('whose output nobody reads any more ends without a word', {
    skip: process.platform !== 'linux',
  }, async () => {
    const child = spawn(process.execPath, [PROGRAM, 'boundary', '--quick'], { cwd: folder })
    const said = text(child.stderr)
    while (childrenOf(child.pid).length === 0) await setTimeout(20)
    const end = () => child.stdout.destroy()
    const [code] = await endsWithAll(child, childrenOf(child.pid), end)
    assert.equal(code, 141)
    assert.equal(await said, '')
  })

  test('whose output has no room says so in one line', {
    skip: !existsSync('/dev/full') && 'no /dev/full',
  }, async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [PROGRAM, '--help'], { stdio: ['ignore', full, 'pipe'] })
    closeSync(full)
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    assert.equal(code, 2)
    assert.match(said, /^sealdiff-bench: can't write what was measured: .*ENOSPC.*\n$/)
  })

  test('leaves out the parts that there is no time for', async () => {
    const part = { suite: 'diff', name: 'diff', title: 'Late', about: '' }
    const { rows } = await runPartInProcess(part, { quick: true, end: Date.now() }, SILENT)
    assert.deepEqual(rows.length, 1)
    assert.match(rows[0].leftOut, /no time/)
    const soon = { quick: true, end: Date.now() + 20 }
    const ended = await runPartInProcess({ ...part, name: 'envelope' }, soon, SILENT)
    assert.match(ended.rows.at(-1).leftOut, /no time/)
  })

  test('tells what is quicker, by the clock that the case asks for', async () => {
    // Far apart, so that no busy machine can hide it.
    const twentyfold = () => Array.from({ length: 20 }, work)
    const run = await runOf(
      comparison({ name: 'cpu', ours: twentyfold }),
      comparison({ name: 'wall', clock: 'wall', per: 1000 }),
      comparison({ name: 'alone', theirs: undefined, peer: undefined }),
    )
    const [cpu, wall, alone] = rowsOf(run)
    assert.ok(cpu.ratio > 2, `${cpu.ratio}`)
    assert.equal(cpu.value, cpu.cpu[0])
    assert.equal(wall.value, wall.wall[0])
    const perOperation = alone.cpu[0] / wall.cpu[0]
    assert.ok(perOperation > 100, `${perOperation}`)
    assert.equal(alone.ratio, undefined)
  })

  test('takes over what a suite measured itself, and who is not there', async () => {
    const missing = { name: 'other', command: 'npm install other' }
    const figure = {
      group: 'g',
      name: 'peak',
      unit: 'MiB',
      value: 5,
      beside: { name: 'p', value: 10 },
    }
    const run = await runOf(figure, { group: 'g', name: 'absent', missing })
    const [peak, absent] = rowsOf(run)
    assert.deepEqual([peak.ratio, peak.better], [0.5, 'less'])
    assert.deepEqual(absent.missing, missing)
    assert.match(htmlReport(run), /other is not installed; <code>npm install other<\/code>/)
  })

  test('calls nobody ahead within the spread and the noise', () => {
    const row = { ratio: 0.9, quartiles: [0.88, 0.92], better: 'less' }
    assert.equal(standing(row, 0.02), 'ours')
    assert.equal(standing(row, 0.2), 'even')
    assert.equal(standing({ ...row, quartiles: [0.8, 1.01] }, 0.02), 'even')
    assert.equal(standing({ ...row, better: 'more' }, 0.02), 'beside')
    const memory = { ratio: 0.9, better: 'less', value: 9, spread: [8, 11] }
    assert.equal(standing({ ...memory, beside: { value: 10, spread: [9, 12] } }, 0.02), 'even')
    assert.equal(standing({ ...memory, beside: { value: 30, spread: [29, 31] } }, 0.02), 'ours')
  })

  test('compared with another tells what changed beyond both', async () => {
    const run = await runOf(comparison({ name: 'a' }), comparison({ name: 'b' }))
    const [a, b] = rowsOf(run)
    const ratio = (row, ratio) =>
      Object.assign(row, { ratio, quartiles: [ratio, ratio], extremes: [ratio * 0.9, ratio * 1.1] })
    run.parts[0].noise = undefined
    ratio(a, 0.5)
    ratio(b, 0.5)
    const later = structuredClone(run)
    ratio(rowsOf(later)[0], 0.9)
    ratio(rowsOf(later)[1], 0.55)
    const { changed, same } = compareRuns(run, later)
    assert.deepEqual([changed.length, changed[0].isWorse, same], [1, true, 1])
    assert.equal(compareRuns(later, run).changed[0].isWorse, false)
    rowsOf(later)[1].name = 'c'
    assert.deepEqual(
      [compareRuns(run, later).onlyOld.length, compareRuns(run, later).onlyNew.length],
      [1, 1],
    )
  })
})

test('every part says what it measures', async () => {
  const parts = await loadParts()
  for (const { name, title, about, cases } of parts) {
    assert.match(title, /^\S.+/, name)
    assert.match(about, /^\S.+\.$/s, name)
    assert.equal(typeof cases, 'function', name)
  }
  assert.equal(new Set(parts.map(({ title }) => title)).size, parts.length)
})

test('a peer that is not installed comes with the command that installs it', async () => {
  const { missing } = await findPeer('sealdiff-no-such-peer')
  assert.equal(missing.name, 'sealdiff-no-such-peer')
  assert.match(missing.command, /^npm (ci|install) /)
  const all = installAll({ devDependencies: { a: '1.0.0', b: '2.0.0' } }, 'a')
  assert.equal(all, 'npm install --no-save --ignore-scripts a@1.0.0 b@2.0.0')
  const install = 'apt-get install no-such-program'
  const program = findProgram('sealdiff-no-such-program', { install })
  assert.equal(program.missing.command, install)
  const { version, module } = await findPeer('diff')
  assert.match(version, /^\d+\.\d+/)
  assert.equal(typeof module.createTwoFilesPatch, 'function')
})

/** A run in which every text is hostile. */
async function hostileRun() {
  const fields = {
    group: HOSTILE,
    note: HOSTILE,
    headline: true,
    peer: { name: HOSTILE, version: HOSTILE },
  }
  const run = await runOf(
    comparison({ ...fields, name: `${HOSTILE} 1`, limit: 0.001 }),
    comparison({ ...fields, name: `${HOSTILE} 2` }),
    { group: HOSTILE, name: HOSTILE, unit: HOSTILE, value: 3, spread: [2, 4], note: HOSTILE },
    { group: HOSTILE, name: HOSTILE, missing: { name: HOSTILE, command: HOSTILE } },
    { group: HOSTILE, name: HOSTILE, failed: HOSTILE },
  )
  Object.assign(run.parts[0], { title: HOSTILE, about: HOSTILE })
  // What was measured doesn't matter here, and a busy machine would be in it.
  Object.assign(run.parts[0].rows[0], { ratio: 4, quartiles: [3, 5] })
  Object.assign(run.parts[0].rows[1], { ratio: 1, quartiles: [0.9, 1.1] })
  run.parts[0].noise.quartiles = [0.99, 1.01]
  run.machine.cpu = HOSTILE
  run.filter = HOSTILE
  return run
}

test('hostile names stay text', async () => {
  const run = await hostileRun()
  for (const page of [htmlReport(run), svgChart(run)]) {
    assert.doesNotMatch(page.replaceAll('\n', ''), /<script|<img|<\/style><s|\u202e|\p{Cc}/u)
    assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;'))
  }
  const table = markdownTable(run)
  assert.doesNotMatch(table.split('\n\n')[0], /(?<!\\)[<>]|[^\\]`/)
})

suite('the report in a browser', { skip: missing }, () => {
  const openFile = browserOfSuite()

  async function open(run, options, use) {
    const narrow = { viewport: { width: 390, height: 800 }, ...options }
    const file = path.join(folder, 'report.html')
    await openFile({ html: htmlReport(run), file }, narrow, use)
  }

  test('says who is ahead, and has a table with every chart', async () => {
    await open(await hostileRun(), {}, async (page) => {
      assert.equal(await page.title(), 'sealdiff benchmark')
      const ahead = page.locator('section', { has: page.locator('#ahead') })
      assert.equal(await ahead.locator('tbody tr').count(), 1)
      const charts = await page.locator('.pair > svg').count()
      assert.ok(charts >= 3, `${charts} charts`)
      assert.equal(await page.locator('.pair:has(> svg) > table').count(), charts)
      assert.equal(await page.locator('table:not(:has(caption))').count(), 0)
      assert.equal(await page.locator('th:not([scope])').count(), 0)
      assert.equal(await page.locator('script, img').count(), 0)
    })
  })

  test('is never wider than a phone, and draws its bars to the left and right of 1', async () => {
    const run = JSON.parse(await read('run.json'))
    Object.assign(rowsOf(run)[0], { ratio: 0.25, quartiles: [0.2, 0.3] })
    await open(run, {}, async (page) => {
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
      const box = (selector) => page.locator(selector).first().boundingBox()
      const [bar, one] = [
        await box('#headlines ~ .pair .ours'),
        await box('#headlines ~ .pair .one'),
      ]
      assert.ok(bar.width > 20 && bar.x + bar.width <= one.x + 2, JSON.stringify([bar, one]))
    })
  })

  test('is dark for readers who have it dark', async () => {
    const run = JSON.parse(await read('run.json'))
    const background = (page) => page.evaluate('getComputedStyle(document.body).backgroundColor')
    for (const [colorScheme, color] of [
      ['dark', 'rgb(13, 17, 23)'],
      ['light', 'rgb(255, 255, 255)'],
    ]) {
      await open(run, { colorScheme }, async (page) => assert.equal(await background(page), color))
    }
  })
})
