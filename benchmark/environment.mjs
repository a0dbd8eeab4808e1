// Where and with what a run was made: the machine, Node.js, and which sealdiff.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const COMMIT_LENGTH = 12

export function environment() {
  return { sealdiff: sealdiff(), node: node(), machine: machine() }
}

function sealdiff() {
  const { version, gitHead } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  const commit = existsSync(path.join(ROOT, '.git')) ? checkedOut() : gitHead
  const addon = process.env.SEALDIFF_NATIVE_PATH
  return {
    version,
    commit: commit ?? 'unknown',
    // The loader then takes that file, which need not be of this commit.
    ...(addon && { addon: `${path.basename(addon)}, chosen by SEALDIFF_NATIVE_PATH` }),
  }
}

function checkedOut() {
  const head = git('rev-parse', `--short=${COMMIT_LENGTH}`, 'HEAD')
  return head && git('status', '--porcelain', '--untracked-files=no') ? `${head} and changes` : head
}

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

function node() {
  const { v8, openssl } = process.versions
  return { version: process.version, v8, openssl }
}

function machine() {
  const cpus = os.cpus()
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    arch: process.arch,
    os: operatingSystem(),
    libc: libc(),
    load: os.loadavg()[0],
  }
}

function operatingSystem() {
  const kernel = `${os.type()} ${os.release()}`
  if (!existsSync('/etc/os-release')) return kernel
  const release = readFileSync('/etc/os-release', 'utf8')
  const [, name] = /^PRETTY_NAME="?([^"\n]*)/m.exec(release) ?? []
  return name ? `${name}, ${kernel}` : kernel
}

function libc() {
  if (process.platform !== 'linux') return process.platform
  // Without it the report may look up the names of open connections.
  process.report.excludeNetwork = true
  const { glibcVersionRuntime } = process.report.getReport().header
  return glibcVersionRuntime ? `glibc ${glibcVersionRuntime}` : 'musl'
}
