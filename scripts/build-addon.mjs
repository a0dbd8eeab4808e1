// Builds the addon for this machine, and native.d.ts, the generated types of its private exports.
// usage: build-addon.mjs [--release] [--features A,B] [--out DIR] [--beside-tests]
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { minimumRust, root } from './project.mjs'

const { values: options } = parseArgs({
  options: {
    release: { type: 'boolean', default: false },
    features: { type: 'string' },
    out: { type: 'string', default: root },
    // Of what the Rust tests are built with, so that no dependency is compiled for it again.
    'beside-tests': { type: 'boolean', default: false },
  },
})

requireRust()
build()

function requireRust() {
  const needed = minimumRust()
  const rustc = spawnSync('rustc', ['--version'], { encoding: 'utf8' })
  const found = /^rustc (\d+\.\d+)/.exec(rustc.stdout ?? '')?.[1]
  if (found && !isOlder(found, needed)) return
  const problem = found ? `Rust ${found} is too old` : 'Rust was not found'
  console.error(
    `${problem}: building the addon needs Rust ${needed} or newer and a C compiler. ` +
      'Install Rust from https://rustup.rs (or run "rustup update stable") and try again.',
  )
  process.exit(1)
}

function isOlder(version, other) {
  return version.localeCompare(other, 'en', { numeric: true }) < 0
}

function build() {
  const out = path.resolve(root, options.out)
  // `native.js` is written by hand, so the generated loader is not wanted.
  const flags = ['build', '--platform', '--no-js']
  flags.push('--output-dir', out, '--dts', path.relative(out, path.join(root, 'native.d.ts')))
  if (options.release) flags.push('--release')
  if (options.features) flags.push('--features', options.features)
  flags.push('--', '--locked')
  if (options['beside-tests']) flags.push('--workspace', '--lib')
  const cli = path.join(root, 'node_modules/@napi-rs/cli/dist/cli.js')
  const { status } = spawnSync(process.execPath, [cli, ...flags], { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
}
