// piscina: a pool of worker threads, each of which loads the package for itself.
export const everyRun = true

const MAIN = `import { Piscina } from 'piscina'
const filename = new URL('worker.mjs', import.meta.url).href
const pool = new Piscina({ filename, minThreads: 2, maxThreads: 4 })
const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => pool.run(i)))
await pool.destroy()
if (new Set(answers.map(({ thread }) => thread)).size < 2) throw new Error('one thread did all')
console.log(answers[0].said)
`
const WORKER = `import { threadId } from 'node:worker_threads'
import * as api from 'sealdiff'
import probe from './probe.cjs'
export default async () => ({ thread: threadId, said: await probe(api) })
`

export async function check(lab) {
  const files = { 'main.mjs': MAIN, 'worker.mjs': WORKER }
  const project = await lab.npmProject('piscina', files, { piscina: '5.3.2' })
  await project.probe(process.execPath, ['main.mjs'])
}
