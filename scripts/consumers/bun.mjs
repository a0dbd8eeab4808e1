// Bun, on node_modules that npm installed.
import { targetHere } from '../project.mjs'

const VERSION = '1.4.5'
const MODULE = `import * as api from 'sealdiff'
import probe from './probe.cjs'
console.log(await probe(api))
`

export async function check(lab) {
  // The package `bun` would fetch its binary in a script; this one holds it.
  const { os, cpu, libc } = targetHere()
  const bun = `@oven/bun-${os}-${cpu}${libc === 'musl' ? '-musl' : ''}`
  const project = await lab.npmProject('bun', { 'main.mjs': MODULE }, { [bun]: VERSION })
  await project.probe(project.path('node_modules', bun, 'bin/bun'), ['main.mjs'])
}
