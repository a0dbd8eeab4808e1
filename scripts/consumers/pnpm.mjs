// pnpm, with its own layout of node_modules and with npm's.
const VERSION = '10.34.8'
const MAIN = "require('./probe.cjs')(require('sealdiff')).then(console.log)\n"

export async function check(lab) {
  const tools = lab.project('pnpm')
  await tools.installTools({ pnpm: VERSION })
  for (const linker of ['isolated', 'hoisted']) await checkLinker(lab, tools, linker)
}

async function checkLinker(lab, tools, linker) {
  const settings = `registry=${lab.registry.url}\nnode-linker=${linker}\nstore-dir=${lab.folder}/pnpm-store\n`
  const project = lab.project(`pnpm-${linker}`, { 'main.cjs': MAIN, '.npmrc': settings })
  const pnpm = tools.path('node_modules/pnpm/bin/pnpm.cjs')
  await project.node(pnpm, 'add', '--ignore-scripts', 'sealdiff')
  await project.probe(process.execPath, ['main.cjs'])
}
