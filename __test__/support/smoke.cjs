'use strict'
// Both halves at work, as the installed package: what is run where the whole suite would take too long.

const assert = require('node:assert/strict')
const { Readable } = require('node:stream')
const { pipeline } = require('node:stream/promises')
const { Differ, SessionFactory, applyPatch } = require('sealdiff')

async function main() {
  const factory = await SessionFactory.open({
    serviceId: 'service',
    productId: 'product',
    metastore: 'memory:',
    kms: { type: 'static', key: '11'.repeat(32) },
  })
  const session = factory.session('tenant')
  const record = await session.seal('a record', { additionalData: 'row 1' })
  assert.equal(await session.unsealString(record, { additionalData: 'row 1' }), 'a record')
  assert.throws(() => session.unsealSync(record), { code: 'ERR_DECRYPT_FAILED' })
  assert.equal(session.decryptStringSync(session.encryptSync('a row')), 'a row')
  await streams(session)
  diffs()
  await factory.close()
  console.log(
    `smoke test passed on Node.js ${process.version}, ${process.platform} ${process.arch}`,
  )
}

async function streams(session) {
  const data = Buffer.alloc(300_000, 'stream')
  const chunks = []
  await pipeline(
    Readable.from([data]),
    session.sealStream(),
    session.unsealStream(),
    async (source) => {
      for await (const chunk of source) chunks.push(chunk)
    },
  )
  assert.deepEqual(Buffer.concat(chunks), data)
}

function diffs() {
  const [from, to] = ['one\ntwo\nthree\n', 'one\n2\nthree\n']
  const patch = new Differ().unifiedSync(from, to)
  assert.match(patch, /^-two\n\+2$/m)
  assert.equal(applyPatch(from, patch), to)
}

main()
