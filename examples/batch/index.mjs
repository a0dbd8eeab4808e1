// Stores each version of many documents as a delta from the one before, within a budget of memory, and restores
// the last version from the first.
// usage: index.mjs [DOCUMENTS] [VERSIONS]
import { Differ } from 'sealdiff'
import { generateVersions } from '../documents/generate.mjs'

const [documents, versions] = [process.argv[2] ?? 4, process.argv[3] ?? 5].map(Number)
const differ = new Differ({ maxMemoryBytes: 64 * 2 ** 20 })

/** A history that is made while it is read, as from a disk or a database. */
async function* history() {
  for (let document = 0; document < documents; document++) {
    let before = Buffer.alloc(0)
    for (let version = 0; version < versions; version++) {
      const after = contents(document, version)
      yield { key: { document, version }, old: before, new: after }
      before = after
    }
  }
}

/** Later versions have more of the changes. */
function contents(document, version) {
  const [older, newer] = generateVersions({ seed: document + 1, properties: 1500 })
  const cut = Math.floor((newer.length * version) / versions)
  return Buffer.from(newer.slice(0, cut) + older.slice(cut))
}

const stored = Array.from({ length: documents }, () => [])
let [plainBytes, storedBytes] = [0, 0]
for await (const { status, key, value, reason } of differ.batch(history(), 'delta')) {
  if (status === 'rejected') throw reason
  stored[key.document].push(value)
  plainBytes += contents(key.document, key.version).length
  storedBytes += value.length
}

let restored = 0
for (const [document, deltas] of stored.entries()) {
  let current = Buffer.alloc(0)
  for (const delta of deltas) current = await differ.applyDelta(current, delta)
  if (current.equals(contents(document, versions - 1))) restored++
}
console.log(`${documents} documents of ${versions} versions: ${plainBytes} bytes`)
console.log(`stored in ${storedBytes} bytes, ${((100 * storedBytes) / plainBytes).toFixed(1)} %`)
console.log(`last versions restored: ${restored} of ${documents}`)
if (restored !== documents) process.exitCode = 1
