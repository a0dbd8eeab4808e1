// npm, for a system that is not this one: the command that the loader's error names, and what goes wrong without it.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { targetHere } from '../project.mjs'

const LOAD = ['-e', "require('sealdiff')"]

export async function check(lab) {
  const here = targetHere()
  await refusesToLoadWithoutOptional(lab, here)
  await recoversFromForeignFolder(lab, here)
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
