// node benchmark/corpora.mjs
// Fetches the real documents of the diff benchmark from the npm registry into benchmark/.cache, once:
// two versions of a file each, NAME.old and NAME.new.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const CACHE = join(import.meta.dirname, '.cache')

const DOCUMENTS = [
  { name: 'lodash', package: 'lodash', versions: ['4.17.20', '4.17.21'], file: 'lodash.js' },
  {
    name: 'ec2',
    package: 'aws-sdk',
    versions: ['2.1400.0', '2.1692.0'],
    file: 'apis/ec2-2016-11-15.min.json',
  },
  {
    name: 'typescript',
    package: 'typescript',
    versions: ['5.4.5', '5.5.4'],
    file: 'lib/typescript.js',
  },
]

for (const document of DOCUMENTS) {
  for (const [at, version] of document.versions.entries()) {
    const target = join(CACHE, `${document.name}.${['old', 'new'][at]}`)
    if (!existsSync(target)) fetch(`${document.package}@${version}`, document.file, target)
    console.log(target)
  }
}

/** Packs a published package and keeps one file of it. */
function fetch(specifier, file, target) {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'pack-'))
  try {
    const options = { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', specifier], options))
    execFileSync('tar', ['-xzf', filename, `package/${file}`], options)
    renameSync(join(folder, 'package', file), target)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
