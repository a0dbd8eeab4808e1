// Unified diffs of two documents of over a megabyte beside jsdiff (npm `diff`), each checked by applying it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { applyPatch, Differ } from 'sealdiff'
import { generateVersions } from '../../examples/documents/generate.mjs'
import { findPeer } from '../find-peer.mjs'

export const suite = 'diff'
export const title = 'One large document'
export const about =
  'A unified diff of two versions of one document (1.3 MB of YAML that the benchmark makes, or the files of --old and --new), by each form of the call, beside jsdiff (npm diff).'

const HEADER = { header: { oldName: 'old', newName: 'new' } }

/** @param {{ quick: boolean, documents?: [string, string] }} context paths of the old and the new document */
export async function* cases({ quick, documents }) {
  const [oldText, newText] =
    documents?.map((file) => readFileSync(file, 'utf8')) ??
    generateVersions(quick ? { properties: 1500 } : {})
  const [oldBytes, newBytes] = [Buffer.from(oldText), Buffer.from(newText)]
  const group = `A document of ${(oldBytes.length / 1e6).toFixed(1)} MB, beside jsdiff`
  const jsdiff = await findPeer('diff')
  if (jsdiff.missing) {
    yield { group, name: 'all forms', missing: jsdiff.missing }
    return
  }
  const differ = new Differ()
  const theirs = () => jsdiff.module.createTwoFilesPatch('old', 'new', oldText, newText)
  const check = async () => {
    const patches = [
      differ.unifiedSync(oldText, newText, HEADER),
      await differ.unified(oldText, newText, HEADER),
      String(differ.unifiedSync(oldBytes, newBytes, HEADER)),
    ]
    for (const patch of patches) {
      assert.equal(applyPatch(oldText, patch), newText)
      assert.equal(jsdiff.module.applyPatch(oldText, patch), newText)
    }
    assert.equal(applyPatch(oldText, theirs()), newText)
  }
  const peer = { name: 'jsdiff', version: jsdiff.version }
  const beside = (name, ours) => ({ group, name, peer, ours, theirs, check })

  yield {
    ...beside('unified, strings', () => differ.unified(oldText, newText)),
    headline: true,
  }
  yield beside('unifiedSync, Buffers', () => differ.unifiedSync(oldBytes, newBytes))
  if (quick) return
  yield beside('unifiedSync, strings', () => differ.unifiedSync(oldText, newText))
  yield beside('unified, Buffers', () => differ.unified(oldBytes, newBytes))
}
