// Unified diffs of two documents of over a megabyte beside jsdiff (npm `diff`), each checked by applying it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createTwoFilesPatch, applyPatch as jsdiffApply } from 'diff'
import { applyPatch, Differ } from 'sealdiff'
import { generateVersions } from '../examples/documents/generate.mjs'

export const formula = 'yardstick of diffs: createTwoFilesPatch of npm diff, on strings'

/** @param {string[] | undefined} files paths of the old and the new document; generated ones by default */
export function* cases(files) {
  const [oldText, newText] = files
    ? files.map((file) => readFileSync(file, 'utf8'))
    : generateVersions()
  const [oldBytes, newBytes] = [Buffer.from(oldText), Buffer.from(newText)]
  const differ = new Differ()
  const size = `${(oldBytes.length / 1e6).toFixed(1)} MB`
  const jsdiff = { name: 'jsdiff', run: () => createTwoFilesPatch('old', 'new', oldText, newText) }
  const header = { header: { oldName: 'old', newName: 'new' } }
  const check = async () => {
    const patches = [
      differ.unifiedSync(oldText, newText, header),
      await differ.unified(oldText, newText, header),
      String(differ.unifiedSync(oldBytes, newBytes, header)),
    ]
    for (const patch of patches) {
      assert.equal(applyPatch(oldText, patch), newText)
      assert.equal(jsdiffApply(oldText, patch), newText)
    }
    assert.equal(applyPatch(oldText, jsdiff.run()), newText)
  }
  const beside = (name, run) => ({
    name: `${name} ${size}`,
    ours: { name, run },
    yardstick: jsdiff,
    check,
  })

  yield beside('unifiedSync, strings', () => differ.unifiedSync(oldText, newText))
  yield beside('unifiedSync, Buffers', () => differ.unifiedSync(oldBytes, newBytes))
  yield beside('unified, strings', () => differ.unified(oldText, newText))
  yield beside('unified, Buffers', () => differ.unified(oldBytes, newBytes))
}
