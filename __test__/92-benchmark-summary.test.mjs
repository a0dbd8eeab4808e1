// What the benchmark says at its end: how many rows were measured, and which were not, and why.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summaryLines } from '../benchmark/summary.mjs'

const measured = (fields) => ({ group: 'g', name: 'n', unit: 'ms', value: 2, ...fields })
const late = (name) => ({ group: 'g', name, leftOut: 'no time' })
const without = (name, command) => ({ group: 'g', name: 'all', missing: { name, command } })

function summaryOf(rows, options) {
  const parts = [{ rows: rows.slice(0, 1) }, { rows: rows.slice(1) }]
  return summaryLines({ parts, seconds: 3.4, mode: 'full', effort: { rounds: 9 }, ...options })
}

test('rows that were not measured are not counted as measured, and each is named', () => {
  const rows = [
    measured({ limit: 3 }),
    measured({ name: 'over', limit: 1 }),
    measured({ name: 'ratio', ratio: 0.5, limit: 0.6, beside: { name: 'p', value: 4 } }),
    measured({ name: 'slow', better: 'more', ratio: 1.5, limit: 1.8 }),
    { group: 'g', name: 'broken', failed: 'Error: no' },
    late('a'),
    late('b'),
    without('one', 'npm install'),
    without('two', 'npm install'),
    without('two', 'npm install'),
  ]
  assert.deepEqual(summaryOf(rows), [
    '',
    '4 rows measured in 3 s; full: medians of 9 runs where a row says no other number',
    'at least 2 rows left out: no time',
    '  g: a; b',
    'nothing measured beside 2 peers, which are not installed:',
    '  one; two: npm install',
    '1 row FAILED:',
    '  g, broken: Error: no',
    '2 of 4 limits hold, 2 EXCEEDED:',
    '  g, over: 2.00 ms, ≤ 1',
    '  g, slow: 1.50, ≥ 1.8',
  ])
})

test('a filter is said, and what there is nothing of is not', () => {
  assert.deepEqual(summaryOf([measured()], { mode: 'quick', filter: 'n' }), [
    '',
    '1 row measured of those that contain "n" in 3 s; quick: medians of 9 runs where a row says no other number, so the numbers are rough',
  ])
})
