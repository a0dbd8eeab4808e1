// The files that describe the package agree with each other.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

test('the loader names the package of every declared target, literally', () => {
  const required = [...read('loader/find.js').matchAll(/require\('(sealdiff-[^']+)'\)/g)]
  const expected = targets.flatMap(({ name }) => [
    `sealdiff-${name}`,
    `sealdiff-${name}/package.json`,
  ])
  assert.deepEqual(required.map(([, name]) => name).sort(), expected.sort())
  const [, explained] = /TARGETS = \[([^\]]*)\]/.exec(read('loader/explain.js'))
  assert.deepEqual(
    [...explained.matchAll(/'([^']+)'/g)].map(([, name]) => name),
    targets.map(({ name }) => name),
  )
})

test('every declared target has a subpath, with the types of the package', () => {
  for (const { name } of targets) {
    const { types, default: file } = manifest.exports[`./${name}`]
    assert.deepEqual([types, file], ['./index.d.ts', `./platforms/${name}.js`])
  }
})

test('a platform subpath gives the names of the package, also to import', async () => {
  const { name } = targets.find(({ name }) => existsSync(path.join(root, `sealdiff.${name}.node`)))
  const [whole, subpath] = await Promise.all([import('sealdiff'), import(`sealdiff/${name}`)])
  for (const exported of Object.keys(whole)) {
    assert.equal(subpath[exported], whole[exported], exported)
  }
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
