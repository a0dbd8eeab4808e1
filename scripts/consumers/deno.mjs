// Deno, on node_modules that npm installed.
import { targetHere } from '../project.mjs'

const VERSION = '2.9.6'
const MODULE = `import * as api from 'sealdiff'
import probe from './probe.cjs'
console.log(await probe(api))
`

export async function check(lab) {
  // The package `deno` would place its binary in a script; this one holds it.
  const { os, cpu, libc } = targetHere()
  const deno = `@deno/${os}-${cpu}${libc ? `-${libc}` : ''}`
  const project = await lab.npmProject('deno', { 'main.mjs': MODULE }, { [deno]: VERSION })
  const allowed = ['--allow-ffi', '--allow-read', '--allow-env', '--allow-sys']
  const args = ['run', '--no-prompt', '--node-modules-dir=manual', ...allowed, 'main.mjs']
  const env = { DENO_DIR: project.path('deno-cache'), DENO_NO_UPDATE_CHECK: '1' }
  await project.probe(project.path('node_modules', deno, 'deno'), args, env)
}
