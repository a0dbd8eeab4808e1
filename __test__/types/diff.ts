// What the types of diffs and patches allow, and what they refuse. Compiled only.
import {
  applyJsonPatch,
  applyMergePatch,
  applyPatch,
  type Change,
  Differ,
  formatPatch,
  type Hunk,
  JsonDiff,
  type JsonPatchOperation,
  type JsonValue,
  type MergeConflict,
  type MergeResult,
  type Patch,
  parsePatch,
  reversePatch,
  TextDiff,
} from 'sealdiff'

declare const bytes: Uint8Array
declare const either: string | Uint8Array
declare const signal: AbortSignal | undefined

export async function strings(differ: Differ): Promise<void> {
  const diff: TextDiff = await differ.words('a', 'b', { signal })
  const value: string | undefined = diff.changes()[0]?.value
  const lines: string[] | undefined = diff.hunks(0)[0]?.lines
  const unified: string = diff.unified({ context: 1 })
  const header = { style: 'git', oldName: null, newName: bytes, newMode: 0o100755 } as const
  const withHeader: string = await differ.unified('a', 'b', { header, signal })
  console.log(value, lines, unified, withHeader)
}

export async function buffers(differ: Differ): Promise<void> {
  const diff: TextDiff<Buffer> = await differ.lines(bytes, 'b')
  const changes: Change<Buffer>[] = diff.changes()
  const hunks: Hunk<Buffer>[] = differ.linesSync('a', bytes).hunks()
  const unified: Buffer = await differ.unified('a', bytes)
  const unknown: string | Buffer = differ.unifiedSync(either, 'b')
  console.log(changes, hunks, unified, unknown)
}

export async function deltas(differ: Differ): Promise<void> {
  const delta: Buffer = await differ.delta(bytes, bytes, { level: 9, signal })
  const applied: Buffer = await differ.applyDelta(bytes, delta, { maxOutputBytes: 1, signal })
  const sync: Buffer = differ.applyDeltaSync(bytes, differ.deltaSync(bytes, applied))
  console.log(sync)
}

export async function batches(): Promise<void> {
  const differ = new Differ({ concurrency: 2, maxMemoryBytes: 2 ** 26 })
  const keyed = [{ key: 1, old: 'a', new: 'b' }]
  for await (const result of differ.batch(keyed, 'lines', { signal })) {
    const key: number | undefined = result.key
    if (result.status === 'rejected') throw result.reason
    const diff: TextDiff = result.value
    console.log(key, diff)
  }
  const tuples = (async function* () {
    yield [bytes, 'text'] as const
  })()
  for await (const result of differ.batch(tuples, 'unified', { context: 1, signal })) {
    if (result.status === 'fulfilled') console.log((result.value satisfies Buffer).byteLength)
  }
  const promised = new Set([Promise.resolve({ old: bytes, new: bytes })])
  const { value, done } = await differ.batch(promised, 'delta', { level: 1 }).next()
  if (!done && value.status === 'fulfilled') console.log((value.value satisfies Buffer).byteLength)
}

export async function batchesOfDocuments(differ: Differ): Promise<void> {
  const documents = [{ key: 'a', old: { a: 1 }, new: 'a: 2' }]
  const options = { format: 'yaml', ignore: ['/b'], signal } as const
  for await (const result of differ.batch(documents, 'json', options)) {
    const key: string | undefined = result.key
    if (result.status === 'fulfilled') console.log(key, (result.value satisfies JsonDiff).patch)
  }
  for await (const result of differ.batch([[1, [bytes]] as const], 'json')) console.log(result)
  const texts = [{ key: 1, base: 'a', ours: 'b', theirs: bytes }]
  for await (const result of differ.batch(texts, 'merge', { style: 'zdiff3', signal })) {
    const key: number | undefined = result.key
    if (result.status === 'rejected') throw result.reason
    console.log(key, result.value satisfies MergeResult<Buffer>)
  }
  const triples = [Promise.resolve(['a', 'b', 'c'] as const)]
  for await (const result of differ.batch(triples, 'merge')) {
    if (result.status === 'fulfilled') console.log(result.value satisfies MergeResult)
  }
}

export async function merges(differ: Differ): Promise<void> {
  const ofText: MergeResult = await differ.merge('a', 'b', 'c', { style: 'diff3', signal })
  const ofBytes: MergeResult<Buffer> = differ.mergeSync('a', 'b', bytes, { labels: { ours: 'x' } })
  const first: MergeResult<Buffer> = differ.mergeSync(bytes, 'b', 'c')
  const unknown: string | Buffer = differ.mergeSync('a', either, 'c').text
  const conflict: MergeConflict | undefined = ofText.conflicts[0]
  console.log(ofBytes.text.byteLength, first.isClean, unknown, conflict?.baseStart, ofText.exact)
}

export async function shown(differ: Differ): Promise<void> {
  const diff: TextDiff<Buffer> = await differ.graphemes(bytes, 'b')
  const inline: [number, number][][] | undefined = diff.hunks({ inline: true, context: 0 })[0]
    ?.inline
  const ansi: string = diff.ansi({ oldName: 'a', newName: 'b' })
  const html: string = differ.sentencesSync('a', 'b').html({ view: 'inline', maxHtmlBytes: 1000 })
  const page: string = await diff.htmlAsync({ title: 'x', signal })
  console.log(inline, ansi, html, page)
}

export function patches(): void {
  const ofBytes: Patch<Buffer>[] = parsePatch(bytes)
  const ofText: Patch[] = parsePatch('text')
  const ofEither: Patch<string | Buffer>[] = parsePatch(either)
  for (const patch of ofBytes) {
    const patched: Buffer = applyPatch('text', patch)
    const reversed: Patch<Buffer> = reversePatch(patch)
    console.log(patched, reversed, formatPatch([reversed]).byteLength)
  }
  const text: string = formatPatch(reversePatch(ofText))
  const patched: Buffer = applyPatch(bytes, text, { fuzz: 2, lineEndings: 'follow-text' })
  const made: Patch = { oldName: 'a', newName: 'b', isBinary: false, hunks: [] }
  console.log(patched, formatPatch(made), ofEither[0]?.git?.renameFrom?.length)
}

export async function documents(differ: Differ): Promise<void> {
  const arrayKey = ['id', 'name'] as const
  const diff: JsonDiff = await differ.json('a: 1', bytes, { format: 'yaml', arrayKey, signal })
  const patch: JsonPatchOperation[] = diff.patch
  const merge: JsonValue | undefined = differ.jsonSync({ a: 1 }, [null], { tests: true }).mergePatch
  const text: string = applyJsonPatch('{}', patch)
  const buffer: Buffer = applyMergePatch(bytes, merge)
  const value: JsonValue | Buffer = applyJsonPatch({ a: 1 }, diff.patchText)
  for (const operation of patch) if (operation.op === 'add') console.log(operation.value)
  console.log(text, buffer, value, diff.unified({ context: 1 }), diff.summary.added, diff.paths[0])
}

export function refused(differ: Differ, diff: TextDiff): void {
  // @ts-expect-error: a TextDiff comes from a Differ
  new TextDiff()
  // @ts-expect-error: sync forms can't be aborted
  differ.linesSync('a', 'b', { signal })
  // @ts-expect-error: no such option
  new Differ({ patience: 2 })
  // @ts-expect-error: a delta is of bytes
  differ.deltaSync('a', bytes)
  // @ts-expect-error: sync forms can't be aborted
  differ.applyDeltaSync(bytes, bytes, { signal })
  // @ts-expect-error: no such kind
  differ.batch([['a', 'b']], 'emoji')
  // @ts-expect-error: the options are those of the kind
  differ.batch([['a', 'b']], 'unified', { level: 3 })
  // @ts-expect-error: a delta is of bytes
  differ.batch([['a', 'b']], 'delta')
  // @ts-expect-error: a pair has two texts
  differ.batch([{ old: 'a' }], 'lines')
  // @ts-expect-error: a pair has two documents
  differ.batch([{ old: 'a' }], 'json')
  // @ts-expect-error: no such format
  differ.batch([['a', 'b']], 'json', { format: 'toml' })
  // @ts-expect-error: a merge has three texts
  differ.batch([['a', 'b']], 'merge')
  // @ts-expect-error: the texts of a merge have names of their own
  differ.batch([{ old: 'a', new: 'b', theirs: 'c' }], 'merge')
  // @ts-expect-error: a JsonDiff comes from a Differ
  new JsonDiff()
  // @ts-expect-error: sync forms can't be aborted
  differ.jsonSync(1, 2, { signal })
  // @ts-expect-error: no such format
  differ.jsonSync(1, 2, { format: 'toml' })
  // @ts-expect-error: text is a string or bytes
  differ.unifiedSync('a', new ArrayBuffer(1))
  // @ts-expect-error: sync forms can't be aborted
  differ.mergeSync('a', 'b', 'c', { signal })
  // @ts-expect-error: html() works on this thread
  diff.html({ signal })
  // @ts-expect-error: no such style
  differ.mergeSync('a', 'b', 'c', { style: 'union' })
  // @ts-expect-error: both names are asked for
  diff.unified({ header: { oldName: 'a' } })
  // @ts-expect-error: computed, not set
  diff.exact = false
  // @ts-expect-error: parsePatch gives several
  applyPatch('a', parsePatch('text'))
  // @ts-expect-error: the text of a patch is parsed first
  reversePatch('text')
}
