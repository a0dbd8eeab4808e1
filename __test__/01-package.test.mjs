// The files that describe the package agree with each other.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { manifest, minimumRust, root, targets } from '../scripts/project.mjs'

const read = (name) => readFileSync(path.join(root, name), 'utf8')

test('npm/ holds one up-to-date platform package per declared target', () => {
  const script = path.join(root, 'scripts/npm-folders.mjs')
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const folders = readdirSync(path.join(root, 'npm'))
  assert.deepEqual(folders.sort(), targets.map(({ name }) => name).sort())
})

test('the loader names the file and the package of every declared target, literally', () => {
  const loader = read('native.js')
  const required = [...loader.matchAll(/require\('([^']+)'\)/g)].map(([, name]) => name)
  const expected = targets.flatMap(({ name }) => [
    `./sealdiff.${name}.node`,
    `sealdiff-${name}`,
    `sealdiff-${name}/package.json`,
  ])
  const targetFiles = required.filter((name) => /sealdiff[.-]/.test(name))
  assert.deepEqual(targetFiles.sort(), expected.sort())
})

test('no script runs when the package is installed', () => {
  const onInstall = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preprepare']
  const scripts = Object.keys(manifest.scripts)
  assert.deepEqual(
    scripts.filter((name) => onInstall.includes(name)),
    [],
  )
})

test('Cargo.toml, package.json and CHANGELOG.md agree on the version', () => {
  const [, cargoVersion] = /^version = "([^"]+)"$/m.exec(read('Cargo.toml'))
  assert.equal(cargoVersion, manifest.version)
  assert.ok(read('CHANGELOG.md').includes(`## [${manifest.version}]`))
})

test('the documents name the Rust and Node.js versions that the manifests ask for', () => {
  for (const name of ['README.md', 'CONTRIBUTING.md']) {
    assert.ok(read(name).includes(`Rust ${minimumRust()}`), name)
    assert.ok(read(name).includes(`Node.js ${manifest.engines.node.replace('>=', '')}`), name)
  }
})

test('the lock file names no registry host', () => {
  const { packages } = JSON.parse(read('package-lock.json'))
  const located = Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined)
  assert.deepEqual(located, [])
})
