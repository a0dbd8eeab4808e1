// Diffs in a worker thread: what `workerData` asks for.
import { parentPort, workerData } from 'node:worker_threads'
import { applyPatch, Differ } from 'sealdiff'
import { hostilePair, randomPair, randomSource } from './diff.mjs'

if (workerData.task === 'round trips') {
  parentPort.postMessage(await roundTrips(workerData.seed))
} else {
  const [oldText, newText] = hostilePair()
  const running = new Differ({ algorithm: 'minimal' }).lines(oldText, newText)
  parentPort.postMessage('running')
  await running
}

async function roundTrips(seed) {
  const differ = new Differ()
  const random = randomSource(seed)
  let succeeded = 0
  for (let round = 0; round < 100; round++) {
    const [oldText, newText] = randomPair(random)
    const diff = await differ.lines(oldText, newText)
    const patch = await differ.unified(oldText, newText)
    if (diff.unified() === patch && applyPatch(oldText, patch) === newText) succeeded++
  }
  return succeeded
}
