// Seals a backup of any size as a stream, restores it, reads a part of it without the rest, and shows that one that
// was cut off is refused.
// usage: index.mjs [FILE]   (without a file: a generated dump of 5 MB)
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SessionFactory } from 'sealdiff'

const folder = await mkdtemp(path.join(tmpdir(), 'sealdiff-backup-'))
const [dump, sealed, restored] = ['dump', 'dump.sealed', 'restored'].map((name) =>
  path.join(folder, name),
)
const factory = await SessionFactory.open({
  serviceId: 'backups',
  productId: 'shop',
  metastore: `sqlite:${path.join(folder, 'keys.db')}`,
  kms: { type: 'static', key: '11'.repeat(32) },
})

try {
  const source = process.argv[2] ?? (await generateDump())
  await show(factory.session('tenant-42'), source)
} finally {
  await factory.close()
  await rm(folder, { recursive: true })
}

async function show(session, source) {
  // A backup opens only as what it was sealed as.
  const place = { additionalData: 'backup 2026-11-21' }
  await pipeline(createReadStream(source), session.sealStream(place), createWriteStream(sealed))
  console.log(`sealed ${await size(source)} bytes as ${await size(sealed)}`)

  await pipeline(createReadStream(sealed), session.unsealStream(place), createWriteStream(restored))
  const [original, copy] = await Promise.all([source, restored].map((file) => readFile(file)))
  console.log(`restored: ${original.equals(copy) ? 'the same bytes' : 'OTHER BYTES'}`)

  const file = await open(sealed)
  const middle = Math.floor(original.length / 2)
  const part = await session.unsealRange(file, middle, middle + 40, place)
  await file.close()
  console.log(`40 bytes from the middle: ${JSON.stringify(part.toString())}`)

  await truncate(sealed, Math.floor((await size(sealed)) / 2))
  const restoring = pipeline(
    createReadStream(sealed),
    session.unsealStream(place),
    createWriteStream(restored),
  )
  const code = await restoring.catch((error) => error.code)
  console.log(`cut in half: ${code}`)
}

async function generateDump() {
  const rows = Array.from({ length: 120_000 }, (_, i) => `INSERT INTO orders VALUES (${i}, 'new');`)
  await writeFile(dump, rows.join('\n'))
  return dump
}

async function size(file) {
  return (await stat(file)).size
}
