// Packs the package and the platform packages whose addon was built here, as they would be published.
// The packed main package names exactly the platform packages packed with it, at the same version:
// in the checkout they are not named, so that `npm install` asks no registry for them.
// usage: pack.mjs [--out DIR] [--all]   (--all: fail unless every declared target was built)
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { manifest, publishedFiles, root, targets } from './project.mjs'

const { values: options } = parseArgs({
  options: { out: { type: 'string', default: 'artifacts' }, all: { type: 'boolean' } },
})
const out = path.resolve(root, options.out)
const staging = path.join(out, 'staging')

const built = targets.filter((target) => addonOf(target))
const missing = targets.filter((target) => !built.includes(target)).map(({ name }) => name)
if (built.length === 0) throw new Error('no addon to pack: run "npm run build" first')
if (options.all && missing.length > 0) throw new Error(`not built: ${missing.join(', ')}`)

rmSync(staging, { recursive: true, force: true })
for (const target of built) packPlatform(target)
packMain()
rmSync(staging, { recursive: true })
if (missing.length > 0) console.error(`packed without ${missing.join(', ')}: not built here`)

/** This target's addon: beside the loader, or among cross-built files, whichever is newer. */
function addonOf({ name }) {
  const file = `sealdiff.${name}.node`
  const age = (found) => -statSync(found).mtimeMs
  return [root, path.join(root, 'artifacts')]
    .map((folder) => path.join(folder, file))
    .filter((candidate) => existsSync(candidate))
    .sort((one, other) => age(one) - age(other))[0]
}

function packPlatform(target) {
  const folder = path.join(staging, target.name)
  cpSync(path.join(root, 'npm', target.name), folder, { recursive: true })
  const { main } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  cpSync(addonOf(target), path.join(folder, main))
  for (const license of manifest.files.filter((name) => name.startsWith('LICENSE'))) {
    cpSync(path.join(root, license), path.join(folder, license))
  }
  pack(folder)
}

function packMain() {
  const folder = path.join(staging, 'main')
  // What only a checkout needs; `private` is what keeps an unpacked checkout from being published.
  const { private: _, scripts, devDependencies, overrides, napi, ...published } = manifest
  const optionalDependencies = Object.fromEntries(
    built.map(({ name }) => [`${manifest.name}-${name}`, manifest.version]),
  )
  mkdirSync(folder, { recursive: true })
  const fields = { ...published, optionalDependencies, gitHead: gitHead() }
  const text = `${JSON.stringify(fields, null, 2)}\n`
  writeFileSync(path.join(folder, 'package.json'), text)
  // A file that `npm pack` would leave out in silence fails here.
  for (const name of publishedFiles()) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true })
  }
  pack(folder)
}

/** What the benchmark names as its commit; npm's own name for it, and left out where git knows none. */
function gitHead() {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], {
    cwd: root,
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : undefined
}

function pack(folder) {
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', out]
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { status, stdout } = spawnSync(npm, args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm pack failed in ${folder}`)
  console.log(path.join(out, stdout.trim()))
}
