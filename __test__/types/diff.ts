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
  // @ts-expect-error: no such option in this release
  new Differ({ concurrency: 2 })
  // @ts-expect-error: a JsonDiff comes from a Differ
  new JsonDiff()
  // @ts-expect-error: sync forms can't be aborted
  differ.jsonSync(1, 2, { signal })
  // @ts-expect-error: no such format
  differ.jsonSync(1, 2, { format: 'toml' })
  // @ts-expect-error: text is a string or bytes
  differ.unifiedSync('a', new ArrayBuffer(1))
  // @ts-expect-error: both names are asked for
  diff.unified({ header: { oldName: 'a' } })
  // @ts-expect-error: computed, not set
  diff.exact = false
  // @ts-expect-error: parsePatch gives several
  applyPatch('a', parsePatch('text'))
  // @ts-expect-error: the text of a patch is parsed first
  reversePatch('text')
}
