'use strict'
// What a CommonJS user does with the installed package.
const assert = require('node:assert/strict')
const { Differ, SessionFactory } = require('sealdiff')
const { openForTests, TestClock } = require('sealdiff/testing')

async function main() {
  const factory = await SessionFactory.open({
    serviceId: 'billing',
    productId: 'invoices',
    metastore: 'sqlite:keys.db',
    kms: { type: 'static', key: '11'.repeat(32) },
  })
  const session = factory.session('tenant-1')
  const record = await session.seal(Buffer.from('x'))
  assert.equal((await session.unseal(record)).toString(), 'x')
  assert.equal(session.unsealSync(session.sealSync(Buffer.from('y'))).toString(), 'y')
  session.close()
  await factory.close()

  const clock = new TestClock(0)
  const forTests = await openForTests({ clock })
  clock.advance('1m')
  assert.equal((await forTests.session('tenant-1').seal('x')).readUInt32BE(2), 60)
  await forTests.close()

  const patch = await new Differ().unified('a\nb\n', 'a\nc\n')
  assert.match(patch, /^-b$/m)
}

main().then(() => console.log('CommonJS consumer ok'))
