// Writes npm/<target>/ and platforms/<target>.js: one platform package per declared target, and the door of
// `sealdiff/<target>`, from package.json alone.
// usage: npm-folders.mjs [--check]   (--check: change nothing, fail if a file differs)
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { manifest, root, targets } from './project.mjs'

const check = process.argv.includes('--check')
const wanted = new Map(targets.flatMap((target) => filesOf(target)))
const problems = [...extraFolders(), ...[...wanted].flatMap(([file, text]) => settle(file, text))]
for (const problem of problems) console.error(`${problem}: run "node scripts/npm-folders.mjs"`)
if (problems.length > 0) process.exitCode = 1

function filesOf(target) {
  const { name, version, license, repository, engines } = manifest
  const addon = `${name}.${target.name}.node`
  const platformPackage = {
    name: `${name}-${target.name}`,
    version,
    description: `The ${target.name} addon of ${name}; installed by it, not by hand.`,
    license,
    repository: { ...repository, directory: `npm/${target.name}` },
    main: addon,
    files: [addon, ...manifest.files.filter((file) => file.startsWith('LICENSE'))],
    os: [target.os],
    cpu: [target.cpu],
    // npm installs by libc as well, so that a glibc system does not fetch the musl file.
    ...(target.libc && { libc: [target.libc] }),
    engines,
  }
  const readme = `# ${platformPackage.name}\n\nThe \`${target.triple}\` addon of [${name}](${manifest.homepage}), which installs it as an optional dependency.\n`
  return [
    [`npm/${target.name}/package.json`, `${JSON.stringify(platformPackage, null, 2)}\n`],
    [`npm/${target.name}/README.md`, readme],
    [`platforms/${target.name}.js`, doorOf(platformPackage.name, target)],
  ]
}

/** Literal names and no `try`: a bundle that can't find the addon shall not be made. */
function doorOf(packageName, target) {
  return `'use strict'
// The door of \`sealdiff/${target.name}\`: the public names over that addon, whatever system this is.
// Written by scripts/npm-folders.mjs.

require('../loader/in-use.js').useExactly('${target.name}', (_, check) => {
  check(require('${packageName}/package.json'))
  return require('${packageName}')
})

module.exports = require('../api.js')
`
}

function settle(file, text) {
  const full = path.join(root, file)
  if (existsSync(full) && readFileSync(full, 'utf8') === text) return []
  if (check) return [`${file} is missing or out of date`]
  mkdirSync(path.dirname(full), { recursive: true })
  writeFileSync(full, text)
  return []
}

function extraFolders() {
  const names = targets.map((target) => target.name)
  return ['npm', 'platforms']
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => [folder, name]))
    .filter(([, name]) => !names.includes(name.replace(/\.js$/, '')))
    .map(([folder, name]) => `${folder}/${name} belongs to no declared target`)
}
