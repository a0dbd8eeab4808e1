// Where packed tarballs are tried: a temporary folder, a registry that has them, and one folder per consumer.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { manifest, root } from '../project.mjs'
import { Registry } from './registry.mjs'

const QUIET = ['--no-audit', '--no-fund', '--loglevel=error']
/** What every consumer does with the package: it loads, seals, unseals and diffs. */
const PROBE = `'use strict'
module.exports = async function probe({ Differ, SessionFactory }) {
  const kms = { type: 'static', key: '11'.repeat(32) }
  const options = { serviceId: 'billing', productId: 'invoices', metastore: 'memory:', kms }
  const factory = await SessionFactory.open(options)
  const session = factory.session('tenant-1')
  const text = await session.unsealString(await session.seal('x'))
  await factory.close()
  const diff = await new Differ().unified('a\\nb\\n', 'a\\nc\\n')
  if (text !== 'x' || !/^-b\\n\\+c$/m.test(diff)) throw new Error('sealdiff gave something else')
  return 'sealed, unsealed, diffed'
}
`
export const PROBED = 'sealed, unsealed, diffed'

export class Lab {
  /** Packs what was built here, and serves it. */
  static async open() {
    const lab = new Lab()
    lab.folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-package-'))
    try {
      const pack = path.join(root, 'scripts/pack.mjs')
      await run(root, process.execPath, [pack, '--out', lab.folder])
      lab.tarballs = lab.#tarballsMainFirst()
      lab.registry = await Registry.open(lab.tarballs)
      return lab
    } catch (error) {
      lab.close()
      throw error
    }
  }

  close() {
    this.registry?.close()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }

  #tarballsMainFirst() {
    const names = readdirSync(this.folder).filter((name) => name.endsWith('.tgz'))
    const main = `${manifest.name}-${manifest.version}.tgz`
    if (!names.includes(main)) throw new Error(`${main} was not packed`)
    return [main, ...names.filter((name) => name !== main)].map((name) =>
      path.join(this.folder, name),
    )
  }

  /** An empty project with `files` by name, and `probe.cjs`, which every consumer calls. */
  project(name, files = {}) {
    const folder = path.join(this.folder, name)
    const text = `{ "name": "consumer-${name}", "version": "1.0.0", "private": true }\n`
    for (const [file, content] of Object.entries({
      'package.json': text,
      'probe.cjs': PROBE,
      ...files,
    })) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
      writeFileSync(path.join(folder, file), content)
    }
    return new Project(folder, this)
  }

  /** A project with these tools from npm, `{ name: version }`, and the package as npm installs it. */
  async npmProject(name, files, tools = {}) {
    const project = this.project(name, files)
    await project.installTools(tools)
    await project.npm('install', 'sealdiff')
    return project
  }
}

class Project {
  constructor(folder, lab) {
    this.folder = folder
    this.lab = lab
  }

  /** From npm's registry as it is set up here, at exact versions, without running scripts. */
  async installTools(tools) {
    const names = Object.entries(tools).map(([name, version]) => `${name}@${version}`)
    if (names.length === 0) return
    await this.run('npm', ['install', '--ignore-scripts', '--save-exact', ...QUIET, ...names])
  }

  /** npm, which finds the packed tarballs and nothing else, and runs no scripts. */
  async npm(...args) {
    const { url } = this.lab.registry
    const own = [`--registry=${url}`, `--cache=${this.lab.folder}/cache`]
    return this.run('npm', [...args, '--ignore-scripts', ...own, ...QUIET])
  }

  /** The path of a file in this project. */
  path(...names) {
    return path.join(this.folder, ...names)
  }

  write(name, content) {
    mkdirSync(path.dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), content)
  }

  /** What the command writes to its standard output. */
  run(command, args, env) {
    return run(this.folder, command, args, env)
  }

  node(...args) {
    return this.run(process.execPath, args)
  }

  /** Runs it, and wants to read that the probe was passed. */
  async probe(command, args, env) {
    const output = await this.run(command, args, env)
    if (!output.includes(PROBED))
      throw new Error(`${command} ${args.join(' ')} said only\n${output}`)
  }
}

/** Prints how long the step took, with the `note` that `check` gives, if any. */
export async function step(name, check) {
  const started = performance.now()
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1)
  let said
  try {
    said = await check()
  } catch (error) {
    console.error(`FAILED: ${name} after ${seconds()} s`)
    throw error
  }
  console.log(`ok: ${name}, ${seconds()} s${said?.note ? `: ${said.note}` : ''}`)
}

/** Not synchronous: the registry answers from this process. */
export async function run(cwd, command, args, env = {}) {
  // An addon of the developer's choosing would hide that the installed one is not found, and what npm set
  // for this script is not what a user's command sees.
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      name !== 'SEALDIFF_NATIVE_PATH' &&
      name !== 'INIT_CWD' &&
      !/^npm_(?!config_registry|config_cache)/.test(name),
  )
  const child = spawn(command, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      texts[name] += text
    })
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve(signal ?? status))
  })
  if (code === 0) return texts.stdout
  throw new Error(
    `${command} ${args.join(' ')} (in ${cwd}): ${code}\n${texts.stdout}${texts.stderr}`,
  )
}
