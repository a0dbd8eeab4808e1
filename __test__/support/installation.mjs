// Lays out node_modules as npm would, with JavaScript files in the place of addons, and opens a door of the
// package there in a process that believes to be on the system a test names.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))))

const LOAD = `
  const [file, facts] = [process.argv[1], JSON.parse(process.argv[2])]
  Object.defineProperty(process, 'platform', { value: facts.platform })
  Object.defineProperty(process, 'arch', { value: facts.arch })
  process.execPath = facts.execPath
  if (facts.report === 'none') Object.defineProperty(process, 'report', { value: undefined })
  else if (facts.report === 'broken') process.report.getReport = () => { throw new Error('no report') }
  else process.report.getReport = () => facts.report
  let answer
  try {
    for (const door of facts.doors) answer = require(file + door)
  } catch ({ message, code, hint }) {
    answer = { message, code, hint }
  }
  process.stdout.write(JSON.stringify(answer))
`

export class Installation {
  constructor(test) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'sealdiff-loader-'))
    this.packageFolder = path.join(this.folder, 'node_modules/sealdiff')
    mkdirSync(this.packageFolder, { recursive: true })
    for (const name of ['index.js', 'native.js', 'package.json', 'loader', 'platforms']) {
      cpSync(path.join(root, name), path.join(this.packageFolder, name), { recursive: true })
    }
    // In the place of the public names, to see which addon they would be over.
    const names = "module.exports = { addon: require('./native.js') }"
    writeFileSync(path.join(this.packageFolder, 'api.js'), names)
    test.after(() => rmSync(this.folder, { recursive: true }))
  }

  /** A platform package whose addon is its own name. */
  addPlatformPackage(target, version) {
    const name = `sealdiff-${target}`
    const folder = path.join(this.folder, 'node_modules', name)
    mkdirSync(folder)
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name, version }))
    writeFileSync(path.join(folder, 'index.js'), `module.exports = ${JSON.stringify(name)}`)
    return this
  }

  /** A platform package whose addon throws what the system's linker would. */
  addBrokenPackage(target, version, message) {
    this.addPlatformPackage(target, version)
    const file = `node_modules/sealdiff-${target}/index.js`
    this.write(file, `throw new Error(${JSON.stringify(message)})`)
    return this
  }

  write(name, content, mode = 0o644) {
    const file = path.join(this.folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content, { mode })
    return file
  }

  /** What the last of `doors` exports, or the message, code and hint of the error it throws. */
  load({ env = {}, doors = ['index'], ...facts } = {}) {
    const system = { platform: 'linux', arch: 'x64', execPath: '', report: {}, ...facts, doors }
    const args = ['--eval', LOAD, `${this.packageFolder}/`, JSON.stringify(system)]
    const { SEALDIFF_NATIVE_PATH: _, ...inherited } = process.env
    const child = spawnSync(process.execPath, args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...inherited, ...env },
    })
    if (child.status !== 0) throw new Error(child.stderr)
    return JSON.parse(child.stdout)
  }
}
