// Yarn with Plug'n'Play: no node_modules; the package is read from a zip file, its addon from a real one.
const MAIN = "require('./probe.cjs')(require('sealdiff')).then(console.log)\n"
const MODULE = `import * as api from 'sealdiff'
import probe from './probe.cjs'
console.log(await probe(api))
`

export async function check(lab) {
  const tools = lab.project('yarn')
  await tools.installTools({ '@yarnpkg/cli-dist': '4.18.1' })
  const settings = `nodeLinker: pnp
pnpEnableEsmLoader: true
enableTelemetry: false
enableScripts: false
globalFolder: ${lab.folder}/yarn
npmRegistryServer: ${lab.registry.url}
unsafeHttpWhitelist: ['127.0.0.1']
`
  const files = { 'main.cjs': MAIN, 'main.mjs': MODULE, '.yarnrc.yml': settings, 'yarn.lock': '' }
  const project = lab.project('yarn-pnp', files)
  const yarn = tools.path('node_modules/@yarnpkg/cli-dist/bin/yarn.js')
  await project.node(yarn, 'add', 'sealdiff')
  for (const file of ['main.cjs', 'main.mjs']) {
    await project.probe(process.execPath, [yarn, 'node', file])
  }
}
