// Jest, whose tests run in a realm of their own, in CommonJS as by default.
import { PROBED } from '../package-tests/lab.mjs'

const TEST = `const api = require('sealdiff')
const { openForTests } = require('sealdiff/testing')
test('the package works in this realm', async () => {
  expect(await require('./probe.cjs')(api)).toBe('${PROBED}')
})
test('bytes and errors of this realm are known', async () => {
  const factory = await openForTests()
  const session = factory.session('tenant-1')
  expect(await session.unsealString(await session.seal(new Uint8Array([120])))).toBe('x')
  const refused = session.unseal(Buffer.alloc(3))
  await expect(refused).rejects.toMatchObject({ code: 'ERR_RECORD_INVALID' })
  await factory.close()
})
`

export async function check(lab) {
  const files = { 'first.test.cjs': TEST, 'second.test.cjs': TEST, 'jest.config.json': CONFIG }
  const project = await lab.npmProject('jest', files, { jest: '30.5.2' })
  // Twice in one process, and in two processes: the second file finds the addon loaded already.
  await project.run('node_modules/.bin/jest', ['--runInBand'])
  await project.run('node_modules/.bin/jest', ['--maxWorkers=2'])
}

const CONFIG = '{ "testMatch": ["**/*.test.cjs"] }\n'
