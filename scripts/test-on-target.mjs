// Installs the packed tarballs of one target into an empty folder, as a user would, and runs the test suite there,
// against what was installed: two minutes on x64, half an hour on emulated arm64.
// Needs the tarballs (pack.mjs --out artifacts) and scripts/install-cross-tools.sh.
// usage: test-on-target.mjs TARGET [--smoke] [TEST...]   (TARGET: linux-x64-musl and so on, as in npm/)
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Registry } from './package-tests/registry.mjs'
import { manifest, root, targets } from './project.mjs'

// What the tests read besides the package.
const BESIDE = [
  '__test__',
  'crates/testkit/servers',
  'docs',
  'examples',
  'scripts/smoke.mjs',
  'vectors',
]
// About files of the checkout, about an addon with faults, which is built for this machine alone, and about how long
// the event loop waits, which is this machine's affair and not the C library's.
const OF_THE_CHECKOUT = [
  '00-loader',
  '01-package',
  '02-error',
  '30-panics',
  '49-batch-cost',
  '91-benchmark',
  '92-benchmark',
]
// What emulation can't do: qemu keeps what a program says about core dumps from the kernel.
const NOT_EMULATED = 'locked memory is left out of core dumps, between pages nobody can touch'

const SMOKE = `node_modules/${manifest.name}/scripts/smoke.mjs`

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean', default: false } },
})
const [name, ...chosen] = positionals
const target = targets.find((declared) => declared.name === name)
if (!target) throw new Error(`unknown target: ${name}`)

const started = performance.now()
const work = mkdtempSync(path.join(tmpdir(), `sealdiff-${name}-`))
const home = path.join(work, 'node_modules', manifest.name)
try {
  await install()
  await run(['-p', `'Node.js ' + process.version + ', ' + process.arch`])
  if (options.smoke) await run([SMOKE])
  else await run(['--test', '--test-timeout=900000', ...skipped(), ...testFiles()])
  // And where there is nothing but musl and Node.js: no libstdc++, no ldd.
  if (name === 'linux-x64-musl' && !isThisMachine()) await onTarget('bare', [SMOKE])
} finally {
  rmSync(work, { recursive: true, force: true })
}
console.log(`${name}: ${Math.round((performance.now() - started) / 1000)} s`)

async function install() {
  writeFileSync(path.join(work, 'package.json'), '{ "name": "consumer", "private": true }\n')
  const tools = ['diff', 'playwright-core', 'typescript', 'typescript-7'].map(
    (tool) => `${tool}@${manifest.devDependencies[tool]}`,
  )
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await command('npm', ['install', ...quiet, ...kindOfMachine(), ...tools])
  await installPackage(quiet)
  for (const folder of BESIDE) {
    cpSync(path.join(root, folder), path.join(home, folder), { recursive: true })
  }
  // Servers and other implementations that the tests start.
  if (existsSync(path.join(root, 'target/tools'))) {
    symlinkSync(path.join(root, 'target'), path.join(home, 'target'))
  }
}

/** As npm does it on a machine of that kind: of the optional dependencies it takes the one that fits. */
async function installPackage(quiet) {
  const registry = await Registry.open([manifest.name, `${manifest.name}-${name}`].map(tarball))
  const own = [`--registry=${registry.url}`, `--cache=${path.join(work, 'cache')}`]
  try {
    await command('npm', ['install', ...quiet, ...kindOfMachine(), ...own, manifest.name])
  } finally {
    registry.close()
  }
}

function kindOfMachine() {
  const kind = [`--os=${target.os}`, `--cpu=${target.cpu}`]
  return target.libc ? [...kind, `--libc=${target.libc}`] : kind
}

function tarball(packageName) {
  const file = path.join(root, 'artifacts', `${packageName}-${manifest.version}.tgz`)
  if (existsSync(file)) return file
  throw new Error(`${file} is missing: run "node scripts/pack.mjs" first`)
}

function testFiles() {
  const wanted = (file) =>
    file.endsWith('.test.mjs') &&
    !OF_THE_CHECKOUT.some((prefix) => file.startsWith(prefix)) &&
    (chosen.length === 0 || chosen.some((prefix) => file.startsWith(prefix)))
  const files = readdirSync(path.join(home, '__test__')).filter(wanted)
  if (files.length === 0) throw new Error(`no test is named ${chosen.join(', ')}`)
  return files.map((file) => path.join(home, '__test__', file))
}

function skipped() {
  const isEmulated = target.os === process.platform && target.cpu !== process.arch
  return isEmulated ? [`--test-skip-pattern=${NOT_EMULATED}`] : []
}

/** Node.js of the target. */
function run(args) {
  if (isThisMachine()) return command(process.execPath, args)
  return onTarget(name, args)
}

function onTarget(where, args) {
  return command('bash', [path.join(root, 'scripts/node-on.sh'), where, ...args])
}

function isThisMachine() {
  const libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
  const isLibc = target.os !== 'linux' || target.libc === libc
  return target.os === process.platform && target.cpu === process.arch && isLibc
}

/** Not synchronous: the registry answers from this process. */
async function command(program, args) {
  // The addon under test is the one that was installed.
  const { SEALDIFF_NATIVE_PATH: _, ...env } = process.env
  // On Windows npm is a batch file, which only a shell starts.
  const shell = process.platform === 'win32' && program === 'npm'
  const child = spawn(program, args, { cwd: work, env, shell, stdio: 'inherit' })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`failed: ${program} ${args.slice(0, 3).join(' ')} …`)
}
