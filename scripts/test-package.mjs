// Packs the package, installs the tarballs in empty folders as a user would, and uses them there: from CommonJS,
// ES modules, TypeScript under both module resolutions, and those of scripts/consumers/ that are meant for every run.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { consumers } from './package-tests/consumers.mjs'
import { Lab, run, step } from './package-tests/lab.mjs'
import { requireTime } from './package-tests/require-time.mjs'
import { manifest, publishedFiles, root, targetHere } from './project.mjs'

const LIBRARY_FILE = /^(lib|loader|platforms)\/[\w-]+\.js$/
const COMPILERS = ['typescript', 'typescript-7']
const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

let lab
await step('pack', async () => {
  lab = await Lab.open()
})
try {
  await step('files', () => checkFiles(lab.tarballs))
  await step('publint', () => tool('publint', 'src/cli.js', ['--strict', lab.tarballs[0]]))
  await step('attw', areTheTypesWrong)
  let consumer
  await step('install', async () => {
    consumer = await install()
  })
  await step('CommonJS', () => consumer.node('consumer.cjs'))
  await step('ES module', () => consumer.node('consumer.mjs'))
  await step('subpath', () => usePlatformSubpath(consumer))
  await step('require', () => requireTime(consumer))
  await step('TypeScript', () => compileAndRun(consumer))
  await step('benchmark', () => runBenchmark(consumer))
  for (const { name, everyRun, check } of await consumers()) {
    if (everyRun) await step(name, () => check(lab))
  }
} finally {
  lab.close()
}

/** No test, no Rust source and no addon in the main package; one addon in each platform package. */
async function checkFiles([main, ...platforms]) {
  const listed = publishedFiles().filter((name) => !name.endsWith('/'))
  const files = await filesIn(main)
  const library = files.filter((name) => LIBRARY_FILE.test(name))
  for (const folder of manifest.files.filter((name) => name.endsWith('/'))) {
    assert.ok(
      library.some((name) => name.startsWith(folder)),
      `${folder} was not packed`,
    )
  }
  const others = files.filter((name) => !LIBRARY_FILE.test(name))
  assert.deepEqual(others.sort(), [...listed, 'package.json'].sort())
  for (const platform of platforms) {
    const names = await filesIn(platform)
    const known = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'addon', 'package.json']
    assert.deepEqual(
      names.map((name) => name.replace(/^sealdiff\..*\.node$/, 'addon')).sort(),
      known,
    )
  }
}

async function filesIn(tarball) {
  const listing = await run(lab.folder, 'tar', ['-tzf', tarball])
  return listing
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''))
}

/** TypeScript's oldest resolution knows no `exports`, and so finds files of the root alone. */
async function areTheTypesWrong() {
  const attw = (...args) =>
    tool('@arethetypeswrong/cli', 'dist/index.js', [lab.tarballs[0], ...args])
  await attw('--entrypoints', '.', 'testing')
  await attw('--profile', 'node16')
}

async function install() {
  const consumer = lab.project('consumer')
  cpSync(path.join(root, '__test__/package'), consumer.folder, { recursive: true })
  await consumer.npm('install', 'sealdiff')
  // A user's own types of Node; from here, so that nothing is downloaded.
  symlinkSync(path.join(root, 'node_modules/@types'), consumer.path('node_modules/@types'))
  return consumer
}

async function usePlatformSubpath(consumer) {
  const door = `sealdiff/${targetHere().name}`
  await consumer.probe(process.execPath, [
    '-e',
    `require('./probe.cjs')(require('${door}')).then(console.log)`,
  ])
  consumer.write(
    'subpath.mjs',
    `import { Differ, SessionFactory } from '${door}'
import { Differ as Same } from 'sealdiff'
import probe from './probe.cjs'
if (Differ !== Same) throw new Error('the subpath is a package of its own')
console.log(await probe({ Differ, SessionFactory }))
`,
  )
  await consumer.probe(process.execPath, ['subpath.mjs'])
}

async function compileAndRun(consumer) {
  // The same text as a CommonJS and as an ES module file: each finds its own types.
  const sources = ['consumer.cts', 'consumer.mts']
  for (const name of sources) cpSync(consumer.path('consumer.ts'), consumer.path(name))
  rmSync(consumer.path('consumer.ts'))
  for (const compiler of COMPILERS) {
    for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
      const files = name === 'node16' ? sources : ['consumer.mts']
      const outDir = `out-${compiler}-${name}`
      consumer.write('tsconfig.json', typescriptProject({ ...resolution, outDir }, files))
      await consumer.node(path.join(root, 'node_modules', compiler, 'bin/tsc'))
      for (const file of files) await consumer.node(path.join(outDir, file.replace('ts', 'js')))
    }
  }
}

/** The command that npm made of it, in a folder that has nothing but the package. */
async function runBenchmark(consumer) {
  const command = path.join(consumer.folder, 'node_modules/.bin/sealdiff-bench')
  const args = ['envelope/envelope', '--quick', '--filter', 'sealSync 64 B', '--json', 'run.json']
  await run(consumer.folder, process.platform === 'win32' ? `${command}.cmd` : command, args)
  const written = readFileSync(path.join(consumer.folder, 'run.json'), 'utf8')
  const { schema, sealdiff } = JSON.parse(written)
  assert.equal(schema, 'sealdiff-bench')
  assert.equal(sealdiff.version, manifest.version)
}

function typescriptProject(options, files) {
  const compilerOptions = {
    ...options,
    lib: ['es2022'],
    skipLibCheck: false,
    strict: true,
    target: 'es2022',
    types: ['node'],
  }
  return JSON.stringify({ compilerOptions, files })
}

function tool(name, bin, args) {
  return run(lab.folder, process.execPath, [path.join(root, 'node_modules', name, bin), ...args])
}
