// Tests of code that uses sealdiff, without a database, a key management service, or waiting.
// usage: node --test examples/testing/notes.test.mjs
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openForTests, TestClock, TestMetastore } from 'sealdiff/testing'
import { Notes } from './notes.mjs'

async function setUp(t) {
  const clock = new TestClock(new Date('2030-01-01'))
  const metastore = new TestMetastore()
  const factory = await openForTests({ clock, metastore, policy: { expireAfter: '30d' } })
  t.after(() => factory.close())
  return { clock, metastore, notes: new Notes(factory) }
}

test('notes come back as they were written', async (t) => {
  const { notes } = await setUp(t)
  await notes.write('ada', 'todo', 'weave algebra')
  assert.equal(await notes.read('ada', 'todo'), 'weave algebra')
})

test('after thirty days notes are written under a new key, and old ones still read', async (t) => {
  const { clock, notes } = await setUp(t)
  const old = await notes.write('ada', 'todo', 'weave algebra')
  clock.advance('31d')
  const recent = await notes.write('ada', 'done', 'note G')
  assert.ok(recent.keyCreated > old.keyCreated)
  assert.equal(await notes.read('ada', 'todo'), 'weave algebra')
})

test('a revoked key is replaced within the check interval and the grace', async (t) => {
  const { clock, metastore, notes } = await setUp(t)
  const old = await notes.write('ada', 'todo', 'weave algebra')
  assert.equal(
    metastore.revoke((row) => row.id.startsWith('_IK_ada_')),
    1,
  )
  clock.advance('71m')
  const recent = await notes.write('ada', 'done', 'note G')
  assert.ok(recent.keyCreated > old.keyCreated)
})
