// Builds the addon if this checkout has none, or one that is older than the Rust sources.
// A debug build that is up to date counts, so that a developer's test runs stay quick.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { builtAddons, minimumRust, root } from './project.mjs'

const SOURCES = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'src', 'crates']

// With the override set, the loader does not look at this checkout's addon at all.
if (!process.env.SEALDIFF_NATIVE_PATH) ensure()

function ensure() {
  const reason = reasonToBuild()
  if (!reason) return
  console.error(
    `${reason}: building it now, about 8 minutes on two cores (needs Rust ${minimumRust()} or newer)`,
  )
  const build = path.join(root, 'scripts/build-addon.mjs')
  const { status } = spawnSync(process.execPath, [build, '--release'], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}

function reasonToBuild() {
  const built = builtAddons().map((name) => statSync(path.join(root, name)).mtimeMs)
  if (built.length === 0) return 'the addon is not built yet'
  const newest = Math.max(...sourceTimes())
  return newest > Math.max(...built) ? 'the addon is older than its Rust sources' : undefined
}

function sourceTimes() {
  return SOURCES.map((name) => path.join(root, name))
    .filter((file) => existsSync(file))
    .flatMap((file) => (statSync(file).isDirectory() ? rustFiles(file) : [file]))
    .map((file) => statSync(file).mtimeMs)
}

/** What an addon is made of: no tests, and not the crate of test doubles. */
function rustFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => /(\.rs|Cargo\.toml)$/.test(name))
    .filter((name) => !/(^|[\\/])(tests|testkit)[\\/]/.test(name))
    .map((name) => path.join(folder, name))
}
