// esbuild, the package bundled three ways: left outside, with the addon outside, and with the addon beside it.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { targetHere } from '../project.mjs'

export const everyRun = true

const TOOLS = { esbuild: '0.28.2' }
const entry = (door) => `import * as api from '${door}'
import probe from './probe.cjs'
probe(api).then(console.log)
`

export async function check(lab) {
  const target = targetHere()
  const files = { 'all.mjs': entry('sealdiff'), 'one.mjs': entry(`sealdiff/${target.name}`) }
  const project = await lab.npmProject('esbuild', files, TOOLS)
  await bundleAndProbe(project, 'all.mjs', 'package-outside', ['--external:sealdiff'])
  await bundleAndProbe(project, 'all.mjs', 'addon-outside', ['--external:sealdiff-*'])
  const copy = ['--loader:.node=copy', '--asset-names=[name]']
  await bundleAndProbe(project, 'all.mjs', 'addon-beside', copy)
  // A platform's subpath needs no detection, and brings its addon alone.
  await bundleAndProbe(project, 'one.mjs', 'one-addon', copy)
  const addons = readdirSync(project.path('one-addon')).filter((name) => name.endsWith('.node'))
  assert.deepEqual(addons, [`sealdiff.${target.name}.node`])
  await refusesMissingAddon(project)
}

async function bundleAndProbe(project, source, outdir, more) {
  const args = [source, '--bundle', '--platform=node', `--outdir=${outdir}`, '--log-level=warning']
  const said = await project.run('node_modules/.bin/esbuild', [...args, ...more])
  assert.equal(said, '', 'esbuild warned')
  await project.probe(process.execPath, [`${outdir}/${source.replace('.mjs', '.js')}`])
}

/** A bundle for a platform whose addon is not installed shall not be made. */
async function refusesMissingAddon(project) {
  project.write('missing.mjs', entry('sealdiff/win32-arm64-msvc'))
  const args = ['missing.mjs', '--bundle', '--platform=node', '--outfile=missing.js']
  await assert.rejects(
    project.run('node_modules/.bin/esbuild', args),
    /Could not resolve "sealdiff-win32-arm64-msvc"/,
  )
}
