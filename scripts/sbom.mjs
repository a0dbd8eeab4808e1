// Writes the bills of materials, in CycloneDX: of the npm package, and of the crates inside the addon.
// Needs cargo-cyclonedx (cargo install cargo-cyclonedx --locked).
// usage: sbom.mjs [DIR]   (default: artifacts)
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { manifest, root } from './project.mjs'

const out = path.resolve(root, process.argv[2] ?? 'artifacts')
mkdirSync(out, { recursive: true })
npmParts()
rustParts()

function npmParts() {
  const npm = run('npm', [
    'sbom',
    '--sbom-format',
    'cyclonedx',
    '--omit',
    'dev',
    '--package-lock-only',
  ])
  written(`${manifest.name}-npm.cdx.json`, npm)
}

function rustParts() {
  const name = `${manifest.name}-rust.cdx`
  // It writes beside each Cargo.toml of the workspace; the root's holds what all of them bring in.
  run('cargo', ['cyclonedx', '--format', 'json', '--target', 'all', '--override-filename', name])
  for (const folder of readdirSync(path.join(root, 'crates'))) {
    rmSync(path.join(root, 'crates', folder, `${name}.json`))
  }
  renameSync(path.join(root, `${name}.json`), path.join(out, `${name}.json`))
  console.log(path.join(out, `${name}.json`))
}

function written(name, text) {
  JSON.parse(text)
  writeFileSync(path.join(out, name), text)
  console.log(path.join(out, name))
}

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`${command} ${args[0]} failed:\n${stderr}`)
  return stdout
}
