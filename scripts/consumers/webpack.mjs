// webpack, the package bundled with its addon outside, and from a platform's subpath with the addon inside.
import { targetHere } from '../project.mjs'

const OUTSIDE = `[({ request }, done) => done(null, request.startsWith('sealdiff-') && 'commonjs ' + request)]`
const config = (entry, more) => `module.exports = {
  mode: 'production',
  target: 'node',
  entry: './${entry}',
  output: { filename: '${entry.replace('.cjs', '.js')}' },
  ${more},
}
`
const RUN = `const webpack = require('webpack')
webpack(require(process.argv[2]), (error, stats) => {
  if (error) throw error
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
  for (const { message } of [...errors, ...warnings]) console.error(message)
  if (errors.length + warnings.length > 0) process.exitCode = 1
})
`
const entry = (door) => `require('./probe.cjs')(require('${door}')).then(console.log)\n`

export async function check(lab) {
  const loader = "{ test: /\\.node$/, loader: 'node-loader', options: { name: '[name].[ext]' } }"
  const files = {
    'all.cjs': entry('sealdiff'),
    'one.cjs': entry(`sealdiff/${targetHere().name}`),
    'outside.cjs': config('all.cjs', `externals: ${OUTSIDE}`),
    'inside.cjs': config('one.cjs', `module: { rules: [${loader}] }`),
    'run.cjs': RUN,
  }
  const tools = { webpack: '5.112.2', 'node-loader': '2.1.0' }
  const project = await lab.npmProject('webpack', files, tools)
  for (const [configuration, bundle] of [
    ['./outside.cjs', 'dist/all.js'],
    ['./inside.cjs', 'dist/one.js'],
  ]) {
    await project.node('run.cjs', configuration)
    await project.probe(process.execPath, [bundle])
  }
}
