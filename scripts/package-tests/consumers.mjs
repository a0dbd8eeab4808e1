// The consumers, one file each: `check(lab)` throws where the package does not serve it, and `everyRun` tells
// the quick ones that scripts/test-package.mjs runs too.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { root } from '../project.mjs'

export async function consumers() {
  const folder = path.join(root, 'scripts/consumers')
  const files = readdirSync(folder).sort()
  return Promise.all(
    files.map(async (file) => {
      const { everyRun = false, check } = await import(path.join(folder, file))
      return { name: path.basename(file, '.mjs'), everyRun, check }
    }),
  )
}
