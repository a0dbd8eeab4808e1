// Publishes packed tarballs with provenance, the platform packages first: whoever installs the main package the
// moment it appears finds its addon. A package that is there already is left, so that a run can be repeated.
// usage: publish.mjs DIR [--dry-run]   (--dry-run: of what is in DIR, without asking for all)
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { manifest, targets } from './project.mjs'

const [folder, flag] = process.argv.slice(2)
if (!folder) throw new Error('usage: publish.mjs DIR [--dry-run]')
const isDryRun = flag === '--dry-run'
requireTagOfThisVersion()
const names = [...targets.map(({ name }) => `${manifest.name}-${name}`), manifest.name]
const files = names.map((name) => `${name}-${manifest.version}.tgz`)
const missing = files.filter((file) => !readdirSync(folder).includes(file))
if (missing.length > 0 && !isDryRun) throw new Error(`not packed: ${missing.join(', ')}`)

for (const [index, name] of names.entries()) {
  if (missing.includes(files[index])) continue
  if (isPublished(name)) console.log(`${name}@${manifest.version} is published already`)
  // An absolute path: npm takes `folder/file` for a repository.
  else publish(path.resolve(folder, files[index]))
}

function requireTagOfThisVersion() {
  const { GITHUB_REF_TYPE, GITHUB_REF_NAME } = process.env
  if (GITHUB_REF_TYPE !== 'tag' || GITHUB_REF_NAME === `v${manifest.version}`) return
  throw new Error(`the tag ${GITHUB_REF_NAME} is not v${manifest.version}, which package.json says`)
}

function isPublished(name) {
  const { status, stdout } = spawnSync('npm', ['view', `${name}@${manifest.version}`, 'version'], {
    encoding: 'utf8',
  })
  return status === 0 && stdout.trim() === manifest.version
}

function publish(file) {
  const args = ['publish', file, '--access', 'public']
  args.push(isDryRun ? '--dry-run' : '--provenance')
  // A version such as 1.0.0-rc.1 must not become what everybody installs.
  if (manifest.version.includes('-')) args.push('--tag', 'next')
  const { status } = spawnSync('npm', args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm publish ${file} failed`)
}
