// Rspack, the package bundled with its addon outside; what of it is not installed here must be no error.
const CONFIG = `module.exports = {
  mode: 'production',
  target: 'node',
  entry: './main.cjs',
  externals: [({ request }, done) => done(null, request.startsWith('sealdiff-') && 'commonjs ' + request)],
}
`
const RUN = `const { rspack } = require('@rspack/core')
rspack(require('./rspack.config.cjs'), (error, stats) => {
  if (error) throw error
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
  for (const { message } of [...errors, ...warnings]) console.error(message)
  if (errors.length + warnings.length > 0) process.exitCode = 1
})
`
const MAIN = "require('./probe.cjs')(require('sealdiff')).then(console.log)\n"

export async function check(lab) {
  const files = { 'main.cjs': MAIN, 'rspack.config.cjs': CONFIG, 'run.cjs': RUN }
  const project = await lab.npmProject('rspack', files, { '@rspack/core': '2.3.2' })
  await project.node('run.cjs')
  await project.probe(process.execPath, ['dist/main.js'])
}
