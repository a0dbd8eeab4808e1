// Publishes packed tarballs with provenance, the platform packages first: whoever installs the main package the
// moment it appears finds its addon. A package that is there already is left, so that a run can be repeated.
// usage: publish.mjs DIR [--dry-run]
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { manifest, targets } from './project.mjs'

const [folder, flag] = process.argv.slice(2)
if (!folder) throw new Error('usage: publish.mjs DIR [--dry-run]')
const names = [...targets.map(({ name }) => `${manifest.name}-${name}`), manifest.name]
const files = names.map((name) => `${name}-${manifest.version}.tgz`)
const missing = files.filter((file) => !readdirSync(folder).includes(file))
if (missing.length > 0) throw new Error(`not packed: ${missing.join(', ')}`)

for (const [index, name] of names.entries()) {
  if (isPublished(name)) console.log(`${name}@${manifest.version} is published already`)
  else publish(path.join(folder, files[index]))
}

function isPublished(name) {
  const { status, stdout } = spawnSync('npm', ['view', `${name}@${manifest.version}`, 'version'], {
    encoding: 'utf8',
  })
  return status === 0 && stdout.trim() === manifest.version
}

function publish(file) {
  const args = ['publish', file, '--access', 'public']
  args.push(...(flag === '--dry-run' ? ['--dry-run'] : ['--provenance']))
  const { status } = spawnSync('npm', args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm publish ${file} failed`)
}
