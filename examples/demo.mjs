// Both halves of the package on real work: records of tenants over a restart, then two versions of a
// real document. usage: npm run demo
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)

run('Records of three tenants, sealed, and opened after a restart', 'tenants/index.mjs')
run(
  "Two versions of a real document: the DOM's types in TypeScript 5.9 and 7.0",
  'documents/index.mjs',
  require.resolve('typescript/lib/lib.dom.d.ts'),
  path.join(typescript7(), 'lib/lib.dom.d.ts'),
)

/** Version 7 keeps its files in a package per platform, next to the one that is depended on. */
function typescript7() {
  const { resolve } = createRequire(require.resolve('typescript-7/package.json'))
  const name = `@typescript/typescript-${process.platform}-${process.arch}`
  return path.dirname(resolve(`${name}/package.json`))
}

function run(title, example, ...args) {
  console.log(`\n=== ${title}\n`)
  const { status } = spawnSync(process.execPath, [path.join(here, example), ...args], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
