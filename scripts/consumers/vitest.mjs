// Vitest, in child processes as by default and in worker threads.
import { PROBED } from '../package-tests/lab.mjs'

const TEST = `import * as api from 'sealdiff'
import { openForTests } from 'sealdiff/testing'
import { expect, test } from 'vitest'
import probe from './probe.cjs'
test('the package works here', async () => {
  expect(await probe(api)).toBe('${PROBED}')
  const factory = await openForTests()
  await factory.close()
})
`

export async function check(lab) {
  const files = { 'first.test.mjs': TEST, 'second.test.mjs': TEST }
  const project = await lab.npmProject('vitest', files, { vitest: '4.1.12' })
  for (const pool of ['forks', 'threads']) {
    await project.run('node_modules/.bin/vitest', ['run', `--pool=${pool}`])
  }
}
