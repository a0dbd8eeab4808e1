// Runs the JavaScript tests, or with --smoke a few calls, on other versions of Node.js. Their binaries come from
// npm's packages node-<os>-<cpu>, 40 MB each, into target/nodes, where they stay. On Linux they are for glibc.
// usage: test-node-versions.mjs [--smoke] [MAJOR...]   (default: all but the one that runs this)
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './project.mjs'

const VERSIONS = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' }

const { values, positionals } = parseArgs({
  options: { smoke: { type: 'boolean' } },
  allowPositionals: true,
})
const others = Object.keys(VERSIONS).filter((major) => !process.version.startsWith(`v${major}.`))
const majors = positionals.length > 0 ? positionals : others
const unknown = majors.filter((major) => !(major in VERSIONS))
if (unknown.length > 0) {
  throw new Error(`no version is chosen for Node.js ${unknown}: add it to VERSIONS in this file`)
}
for (const major of majors) testOn(VERSIONS[major])

function testOn(version) {
  const started = performance.now()
  const node = installed(version)
  // First in PATH, for the tests that start programs of their own.
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` }
  const { status } = spawnSync(node, values.smoke ? smoke() : suite(), {
    cwd: root,
    env,
    stdio: 'inherit',
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: Node.js ${version}, ${seconds} s`)
  if (status !== 0) process.exitCode = 1
}

function smoke() {
  return [path.join(root, 'scripts/smoke.mjs')]
}

function suite() {
  const tests = readdirSync(path.join(root, '__test__')).filter((name) =>
    name.endsWith('.test.mjs'),
  )
  const files = tests.sort().map((name) => `__test__/${name}`)
  return ['--test', '--test-timeout=300000', '--test-reporter=spec', ...files]
}

/** The executable of that version, installed if it is not there yet. */
function installed(version) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const folder = path.join(root, 'target/nodes', version)
  const executable = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  const node = path.join(folder, 'node_modules', name, executable)
  if (existsSync(node)) return node
  mkdirSync(folder, { recursive: true })
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund']
  const { status } = spawnSync('npm', [...args, `${name}@${version}`], { stdio: 'inherit' })
  if (status !== 0 || !existsSync(node)) {
    throw new Error(`${name}@${version} was not installed: see above, and "npm ping"`)
  }
  return node
}
