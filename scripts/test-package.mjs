// Packs the package, installs the tarballs in an empty folder as a user would, and uses them there:
// from CommonJS, from an ES module, and from TypeScript under both module resolutions.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { manifest, publishedFiles, root } from './project.mjs'

const LIBRARY_FILE = /^lib\/[\w-]+\.js$/
const COMPILERS = ['typescript', 'typescript-7']
const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

const work = mkdtempSync(path.join(tmpdir(), 'sealdiff-package-'))
const consumer = path.join(work, 'consumer')
try {
  const tarballs = packTarballs()
  step('files', () => checkFiles(tarballs))
  step('publint', () => tool('publint', 'src/cli.js', ['--strict', tarballs[0]]))
  step('attw', () => tool('@arethetypeswrong/cli', 'dist/index.js', [tarballs[0]]))
  step('install', () => installTarballs(tarballs))
  step('CommonJS', () => run(process.execPath, ['consumer.cjs']))
  step('ES module', () => run(process.execPath, ['consumer.mjs']))
  step('TypeScript', compileAndRun)
  step('benchmark', runBenchmark)
} finally {
  rmSync(work, { recursive: true, force: true })
}

function step(name, check) {
  check()
  console.log(`ok: ${name}`)
}

/** The main package first. */
function packTarballs() {
  run(process.execPath, [path.join(root, 'scripts/pack.mjs'), '--out', work], root)
  const tarballs = readdirSync(work).filter((name) => name.endsWith('.tgz'))
  const main = `sealdiff-${manifest.version}.tgz`
  assert.ok(tarballs.includes(main), `${main} was not packed`)
  return [main, ...tarballs.filter((name) => name !== main)].map((name) => path.join(work, name))
}

/** No test, no Rust source and no addon in the main package; one addon in each platform package. */
function checkFiles([main, ...platforms]) {
  const listed = publishedFiles().filter((name) => name !== 'lib/')
  const expected = [...listed, 'package.json'].sort()
  const files = filesIn(main)
  const library = files.filter((name) => LIBRARY_FILE.test(name))
  assert.ok(library.length > 0, 'lib/ was not packed')
  assert.deepEqual(files.filter((name) => !LIBRARY_FILE.test(name)).sort(), expected)
  for (const platform of platforms) {
    const names = filesIn(platform).map((name) => name.replace(/^sealdiff\..*\.node$/, 'addon'))
    const known = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'addon', 'package.json']
    assert.deepEqual(names.sort(), known)
  }
}

function filesIn(tarball) {
  const listing = run('tar', ['-tzf', tarball], work)
  return listing
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''))
}

function installTarballs(tarballs) {
  cpSync(path.join(root, '__test__/package'), consumer, { recursive: true })
  writeFileSync(path.join(consumer, 'package.json'), '{ "name": "consumer", "private": true }\n')
  // No script may be needed, and no registry: npm 12 runs none, and the platform package is at hand.
  run('npm', ['install', '--ignore-scripts', '--offline', '--no-audit', '--no-fund', ...tarballs])
  // A user's own types of Node; from here, so that the install stays offline.
  symlinkSync(path.join(root, 'node_modules/@types'), path.join(consumer, 'node_modules/@types'))
}

function compileAndRun() {
  // The same text as a CommonJS and as an ES module file: each finds its own types.
  const sources = ['consumer.cts', 'consumer.mts']
  for (const name of sources) cpSync(path.join(consumer, 'consumer.ts'), path.join(consumer, name))
  rmSync(path.join(consumer, 'consumer.ts'))
  for (const compiler of COMPILERS) {
    for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
      const outDir = `out-${compiler}-${name}`
      const files = name === 'node16' ? sources : ['consumer.mts']
      const compilerOptions = {
        ...resolution,
        outDir,
        lib: ['es2022'],
        skipLibCheck: false,
        strict: true,
        target: 'es2022',
        types: ['node'],
      }
      writeFileSync(
        path.join(consumer, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files }),
      )
      run(process.execPath, [path.join(root, 'node_modules', compiler, 'bin/tsc')])
      for (const file of files) {
        run(process.execPath, [path.join(outDir, file.replace('ts', 'js'))])
      }
    }
  }
}

/** The command that npm made of it, in a folder that has nothing but the package. */
function runBenchmark() {
  const command = path.join(consumer, 'node_modules/.bin/sealdiff-bench')
  const args = ['envelope/envelope', '--quick', '--filter', 'sealSync 64 B', '--json', 'run.json']
  run(process.platform === 'win32' ? `${command}.cmd` : command, args)
  const { schema, sealdiff } = JSON.parse(readFileSync(path.join(consumer, 'run.json'), 'utf8'))
  assert.equal(schema, 'sealdiff-bench')
  assert.equal(sealdiff.version, manifest.version)
}

function tool(name, bin, args) {
  run(process.execPath, [path.join(root, 'node_modules', name, bin), ...args], work)
}

function run(command, args, cwd = consumer) {
  // An addon of the developer's choosing would hide that the installed one is not found.
  const { SEALDIFF_NATIVE_PATH: _, ...env } = process.env
  const result = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  if (result.status === 0) return result.stdout
  throw new Error(
    `${command} ${args.join(' ')}\n${result.stdout}${result.stderr}${result.error ?? ''}`,
  )
}
