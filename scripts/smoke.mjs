// Whether the package works at all with the Node.js that runs this: it loads, seals, unseals, streams and diffs.
import assert from 'node:assert/strict'
import { Differ, SessionFactory } from 'sealdiff'

const kms = { type: 'static', key: '11'.repeat(32) }
const options = { serviceId: 'svc', productId: 'prod', metastore: 'memory:', kms }
const factory = await SessionFactory.open(options)
const session = factory.session('tenant-1')

const sealed = await session.seal('x', { additionalData: 'row 1' })
assert.equal(await session.unsealString(sealed, { additionalData: 'row 1' }), 'x')
assert.equal(session.unsealSync(session.sealSync(Buffer.from('y'))).toString(), 'y')
await assert.rejects(session.unseal(sealed), { code: 'ERR_DECRYPT_FAILED' })

const plain = Buffer.alloc(3 << 20, 'sealdiff')
const stream = new Blob([plain]).stream().pipeThrough(session.sealStream())
const opened = await new Response(stream.pipeThrough(session.unsealStream())).arrayBuffer()
assert.ok(plain.equals(Buffer.from(opened)))
await factory.close()

const differ = new Differ()
assert.match(await differ.unified('a\nb\n', 'a\nc\n'), /^-b\n\+c$/m)
const delta = differ.deltaSync(Buffer.from('a'.repeat(99)), Buffer.from('a'.repeat(100)))
assert.equal(differ.applyDeltaSync(Buffer.from('a'.repeat(99)), delta).length, 100)
console.log(`smoke ok: Node.js ${process.version}, ${process.platform} ${process.arch}`)
