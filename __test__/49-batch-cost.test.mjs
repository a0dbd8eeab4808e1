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

  function run(t, options) {
    const folder = temporaryFolder(t)
    const files = ['old', 'new'].map((name) => path.join(folder, name))
    const texts = largePair()
    for (const [at, file] of files.entries())
      writeFileSync(file, texts[at].repeat(2).slice(0, 1_600_000))
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
})
