// Facts about this checkout that more than one script needs, each read from the file that owns it.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

export const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

/**
 * The files and folders that the manifest publishes. `FOLDER/**\/*ENDING` stands for the files below the folder, but
 * for what is installed there; npm's own expansion would also find what lies beside a file that is named.
 */
export function publishedFiles() {
  return manifest.files.flatMap((entry) => {
    const [folder, ending] = entry.split('/**/*')
    return ending === undefined ? [entry] : filesBelow(folder, ending)
  })
}

function filesBelow(folder, ending) {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((name) => `${folder}/${name.replaceAll(path.sep, '/')}`)
    .filter((name) => name.endsWith(ending) && !name.includes('/node_modules/'))
}

/** The oldest Rust that builds the workspace, as Cargo.toml declares it. */
export function minimumRust() {
  const cargoToml = readFileSync(path.join(root, 'Cargo.toml'), 'utf8')
  return /^rust-version = "([\d.]+)"$/m.exec(cargoToml)[1]
}

/** Addons that were built in this checkout for this operating system and processor. */
export function builtAddons() {
  const prefix = `sealdiff.${process.platform}-${process.arch}`
  return readdirSync(root).filter((name) => name.startsWith(prefix) && name.endsWith('.node'))
}

/** The declared targets: the Rust triple, npm's words for its parts, and the name the loader uses. */
export const targets = manifest.napi.targets.map((triple) => {
  const [processor, , system, abi] = triple.split('-')
  const cpu = { x86_64: 'x64', aarch64: 'arm64' }[processor]
  const os = { linux: 'linux', darwin: 'darwin', windows: 'win32' }[system]
  const libc = { gnu: 'glibc', musl: 'musl' }[abi]
  return { triple, os, cpu, libc, name: [os, cpu, abi].filter(Boolean).join('-') }
})

/** The declared target that this script runs on; native addons are for glibc unless Node.js says otherwise. */
export function targetHere() {
  const libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
  return targets.find(
    ({ os, cpu, libc: wanted }) =>
      os === process.platform && cpu === process.arch && (os !== 'linux' || wanted === libc),
  )
}
