// What a batch costs: peak memory, and how long the event loop waits for its turn.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { largePair } from './support/diff.mjs'
import { temporaryFolder } from './support/factory.mjs'

suite('200 pairs of 1.6 MB within 64 MiB', { skip: process.platform !== 'linux' }, () => {
  const child = fileURLToPath(new URL('./support/batch-child.mjs', import.meta.url))
  const MIB = 2 ** 20

  /** Texts of lines, or of JSON: what an API would give, with a change in every hundredth item. */
  function texts(inputs) {
    if (inputs === undefined) return largePair().map((text) => text.repeat(2).slice(0, 1_600_000))
    const items = Array.from({ length: 8000 }, (_, at) => ({
      metadata: { name: `pod-${at}`, labels: { app: 'web', tier: `tier-${at % 9}` } },
      spec: { replicas: at % 7, containers: [{ name: 'main', image: `image:${at}` }] },
      status: { ready: true, hosts: ['first', 'second'], phase: 'Running' },
    }))
    const edited = items.map((item, at) => (at % 100 === 5 ? { ...item, status: at } : item))
    return [items, edited].map((document) => JSON.stringify(document))
  }

  function run(t, options) {
    const folder = temporaryFolder(t)
    const files = ['old', 'new'].map((name) => path.join(folder, name))
    const written = texts(options.inputs)
    for (const [at, file] of files.entries()) writeFileSync(file, written[at])
    const job = { files, count: 200, maxMemoryBytes: 64 * MIB, ...options }
    const { status, stdout, stderr } = spawnSync(process.execPath, [child, JSON.stringify(job)], {
      encoding: 'utf8',
    })
    assert.equal(status, 0, stderr)
    const measured = JSON.parse(stdout)
    t.diagnostic(stdout)
    assert.equal(measured.fulfilled, 200)
    return measured
  }

  for (const [name, options] of Object.entries({
    'unified diffs of a fast source': { kind: 'unified' },
    'unified diffs of a slow source': { kind: 'unified', pauseMs: 3 },
    'unified diffs for a slow consumer, many at once': {
      kind: 'unified',
      consumerPauseMs: 3,
      concurrency: 64,
    },
    // At the default level a delta takes hardly longer than the copies of its inputs.
    'deltas of a fast source': { kind: 'delta', options: { level: 9 } },
    'line diffs, whose results hold copies': { kind: 'lines' },
    'diffs of documents as bytes': { kind: 'json', inputs: 'json' },
    'diffs of documents for a slow consumer, many at once': {
      kind: 'json',
      inputs: 'json',
      consumerPauseMs: 3,
      concurrency: 64,
    },
  })) {
    test(`${name}: memory grows by less than 96 MiB, and the event loop turns`, (t) => {
      // What else the machine does only adds delay, so the best of five runs counts. On this thread, each diff
      // would block as long as a synchronous one, in every run.
      let outcome
      for (let runs = 0; runs < 5; runs++) {
        outcome = run(t, options)
        assert.ok(outcome.grownBytes < 96 * MIB, `${Math.round(outcome.grownBytes / MIB)} MiB`)
        if (outcome.p99Ms < 10) break
      }
      const { p99Ms, syncMs } = outcome
      assert.ok(p99Ms < Math.max(10, 0.75 * syncMs), `${p99Ms} ms, one diff ${syncMs} ms`)
    })
  }

  test('diffs of documents as values: memory grows by less than 128 MiB', (t) => {
    // The values themselves are garbage of the iterable's, and the event loop waits for it to make them.
    const { grownBytes } = run(t, { kind: 'json', inputs: 'values' })
    assert.ok(grownBytes < 128 * MIB, `${Math.round(grownBytes / MIB)} MiB`)
  })
})
