// What an ES module user does with the installed package: every public name is a named export.
import assert from 'node:assert/strict'
import {
  applyPatch,
  Differ,
  ErrorCode,
  formatPatch,
  inspect,
  isSealdiffError,
  parsePatch,
  reversePatch,
  Session,
  SessionFactory,
  TextDiff,
} from 'sealdiff'
import { openForTests, TestClock, TestMetastore } from 'sealdiff/testing'

const factory = await SessionFactory.open({
  serviceId: 'billing',
  productId: 'invoices',
  metastore: 'memory:',
  kms: { type: 'static', key: Buffer.alloc(32, 7) },
})
const session = factory.session('tenant-1')
assert.ok(session instanceof Session)
const record = await session.seal('x')
assert.equal(await session.unsealString(record), 'x')
assert.equal(typeof inspect(record), 'object')

const tampered = Buffer.from(record)
tampered[tampered.length - 1] ^= 1
await assert.rejects(session.unseal(tampered), (error) => {
  return isSealdiffError(error) && error.code === ErrorCode.ERR_DECRYPT_FAILED
})
await factory.close()

const metastore = new TestMetastore()
const forTests = await openForTests({ clock: new TestClock(), metastore })
await forTests.session('tenant-1').warm()
assert.equal(metastore.revoke(), 2)
await forTests.close()

const differ = new Differ()
const diff = await differ.lines('a\nb\n', 'a\nc\n')
assert.ok(diff instanceof TextDiff)
assert.equal(diff.stats.added, 1)
const text = differ.unifiedSync('a\nb\n', 'a\nc\n')
const [patch] = parsePatch(text)
assert.equal(applyPatch('a\nb\n', patch), 'a\nc\n')
assert.equal(applyPatch('a\nc\n', reversePatch(patch)), 'a\nb\n')
assert.equal(parsePatch(formatPatch(patch)).length, 1)
console.log('ES module consumer ok')
