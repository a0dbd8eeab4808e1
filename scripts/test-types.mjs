// Holds the JavaScript half to index.d.ts, and index.d.ts to its type tests, with both TypeScripts.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { root } from './project.mjs'

for (const compiler of ['typescript', 'typescript-7']) {
  const bin = path.join(root, 'node_modules', compiler, 'bin/tsc')
  const { status } = spawnSync(process.execPath, [bin, '--project', root], { stdio: 'inherit' })
  console.log(`${compiler}: ${status === 0 ? 'ok' : 'failed'}`)
  if (status !== 0) process.exitCode = 1
}
