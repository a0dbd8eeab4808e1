// Finds what the benchmark compares with: npm packages and programs. What is not there gets a name and a command.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const PEERS = path.join(HERE, 'peers')
/** First where the user runs the benchmark, so that it is their version that is compared with. */
const PLACES = [process.cwd(), PEERS, HERE]

/**
 * @typedef {{ name: string, command: string }} Missing
 * @param {string} name of an npm package
 * @returns {Promise<{ name: string, version: string, module: any, missing?: undefined } | { name: string, missing: Missing }>}
 */
export async function findPeer(name) {
  for (const folder of PLACES.flatMap((place) => modulesFolders(place, name))) {
    const manifestFile = path.join(folder, name, 'package.json')
    if (!existsSync(manifestFile)) continue
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
    const module = await import(pathToFileURL(entryOf(manifestFile, manifest)).href)
    return { name, version: manifest.version, module }
  }
  return { name, missing: { name, command: installCommand(name) } }
}

/**
 * @param {string} name of a program on the PATH
 * @param {{ args?: string[], install: string }} how `args` make it print its version
 * @returns {{ name: string, version: string, missing?: undefined } | { name: string, missing: Missing }}
 */
export function findProgram(name, { args = ['--version'], install }) {
  const { error, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8' })
  if (error) return { name, missing: { name, command: install } }
  const [version = ''] = /\d+(\.\d+)+/.exec(`${stdout}${stderr}`) ?? []
  return { name, version }
}

/**
 * @param {{ project: string, file: string, name: string }} what a Cargo project in benchmark/, the file that its build
 *   leaves, and what to call it
 * @returns {{ file: string, missing?: undefined } | { missing: Missing }}
 */
export function findBuilt({ project, file, name }) {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(HERE, project, 'target')
  const built = path.join(target, 'release', file)
  if (existsSync(built)) return { file: built }
  const build = `cargo build --release --manifest-path benchmark/${project}/Cargo.toml`
  const isCheckout = existsSync(path.join(HERE, project, 'Cargo.toml'))
  return {
    missing: { name, command: isCheckout ? build : `in a checkout of the repository: ${build}` },
  }
}

/** What Cargo calls a program's file. @param {string} name */
export function programFile(name) {
  return process.platform === 'win32' ? `${name}.exe` : name
}

/**
 * All peers at once, at the same versions: in a checkout those of the lock file; elsewhere in one command, since npm
 * removes what an earlier one installed without saving it.
 */
function installCommand(name) {
  if (existsSync(path.join(PEERS, 'package-lock.json'))) {
    return 'npm ci --ignore-scripts --prefix benchmark/peers'
  }
  return installAll(JSON.parse(readFileSync(path.join(PEERS, 'package.json'), 'utf8')), name)
}

/** @param {{ devDependencies: Record<string, string> }} manifest of the peers @param {string} name of one that is missing */
export function installAll({ devDependencies }, name) {
  // In the same order whoever is missing, so that it is seen to be one command.
  const versions = { ...devDependencies, [name]: devDependencies[name] ?? 'latest' }
  const packages = Object.entries(versions).map(([peer, version]) => `${peer}@${version}`)
  return `npm install --no-save --ignore-scripts ${packages.join(' ')}`
}

function modulesFolders(place, name) {
  return createRequire(path.join(place, 'any.js')).resolve.paths(name) ?? []
}

/** What `import` would take: `require.resolve` knows nothing of packages that are ES modules only. */
function entryOf(manifestFile, manifest) {
  const target = importTarget(manifest.exports?.['.'] ?? manifest.exports)
  if (target === undefined) return createRequire(manifestFile).resolve(path.dirname(manifestFile))
  return path.join(path.dirname(manifestFile), target)
}

function importTarget(entry) {
  if (entry === undefined || typeof entry === 'string') return entry
  for (const condition of Object.keys(entry)) {
    if (!['node', 'import', 'module-sync', 'require', 'default'].includes(condition)) continue
    const target = importTarget(entry[condition])
    if (target !== undefined) return target
  }
  return undefined
}
