// npm, for a system that is not this one: the command that the loader's error names, and what goes wrong without it.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { targetHere, targets } from '../project.mjs'

const LOAD = ['-e', "require('sealdiff')"]

export async function check(lab) {
  const here = targetHere()
  await refusesToLoadWithoutOptional(lab, here)
  await recoversFromForeignFolder(lab, here)
  const other = otherLibc(lab, here)
  if (!other) return { note: 'NOT tested: the other C library, of which no addon was built' }
  await recoversFromOtherLibc(lab, here, other)
  await livesWithLostLibc(lab, here, other)
}

/** The target of this system's other C library, if it was packed. */
function otherLibc(lab, { name, os, cpu }) {
  return targets.find(
    (target) =>
      target.os === os &&
      target.cpu === cpu &&
      target.name !== name &&
      lab.registry.names.includes(`sealdiff-${target.name}`),
  )
}

async function recoversFromOtherLibc(lab, here, other) {
  const project = lab.project('npm-other-libc')
  await project.npm(...command(other).split(' ').slice(1))
  assert.deepEqual(installed(project), ['sealdiff', `sealdiff-${other.name}`])
  await assert.rejects(project.node(...LOAD), (error) => {
    assert.match(error.message, /is installed, but this Node\.js runs on (glibc|musl)/)
    return error.message.includes(command(here))
  })
  await followTheError(project, here)
}

/** npm before 11.11 writes lock files without `libc`, from which both packages are installed. */
async function livesWithLostLibc(lab, here, other) {
  const project = lab.project('npm-lost-libc')
  await project.npm('install', 'sealdiff')
  const lock = JSON.parse(readFileSync(project.path('package-lock.json'), 'utf8'))
  for (const entry of Object.values(lock.packages)) delete entry.libc
  project.write('package-lock.json', JSON.stringify(lock))
  rmSync(project.path('node_modules'), { recursive: true })
  await project.npm('ci')
  const both = [`sealdiff-${here.name}`, `sealdiff-${other.name}`].sort()
  assert.deepEqual(installed(project), ['sealdiff', ...both])
  await project.node(...LOAD)
}

async function refusesToLoadWithoutOptional(lab, here) {
  const project = lab.project('npm-omit')
  await project.npm('install', '--omit=optional', 'sealdiff')
  await assert.rejects(project.node(...LOAD), (error) => {
    assert.match(error.message, /optional dependencies were left out/)
    return error.message.includes(command(here))
  })
  await followTheError(project, here)
}

/** node_modules and a lock file of a system for which nothing is packed. */
async function recoversFromForeignFolder(lab, here) {
  const project = lab.project('npm-foreign')
  await project.npm('install', '--os=aix', '--cpu=ppc64', 'sealdiff')
  assert.deepEqual(installed(project), ['sealdiff'])
  await assert.rejects(project.node(...LOAD), (error) => error.message.includes(command(here)))
  await followTheError(project, here)
}

async function followTheError(project, here) {
  const [, ...words] = command(here).split(' ')
  await project.npm(...words)
  assert.deepEqual(installed(project), ['sealdiff', `sealdiff-${here.name}`])
  await project.node(...LOAD)
}

function command({ os, cpu, libc }) {
  const flags = [`--os=${os}`, ...(libc ? [`--libc=${libc}`] : []), `--cpu=${cpu}`]
  return `npm install ${flags.join(' ')} sealdiff`
}

function installed(project) {
  return readdirSync(project.path('node_modules')).filter((name) => name.startsWith('sealdiff'))
}
