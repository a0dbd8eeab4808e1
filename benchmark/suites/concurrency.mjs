// How much gets done, and how long each call takes, while more and more calls are under way at once.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { openFactory } from '../factory.mjs'
import { quantile } from '../measure.mjs'
import { NO_TIME } from '../part.mjs'

export const title = 'Many calls at once'
export const about =
  'Sealing by promises with more and more calls under way on one thread: how many a second get done, and how long half of them and all but one in a hundred take. Short records are sealed on this thread, long ones on others.'

const SIZES = { '1 KiB': 1024, '256 KiB': 256 * 1024 }
const IN_FLIGHT = [1, 4, 16, 64, 256]
const QUICK_IN_FLIGHT = [1, 64]
const [DURATION_MS, QUICK_MS] = [1500, 150]

export async function* cases({ quick, isLate }) {
  const { factory } = await openFactory()
  const session = factory.session('partition')
  await session.warm()
  for (const [size, length] of Object.entries(SIZES)) {
    const data = randomBytes(length)
    assert.deepEqual(await session.unseal(await session.seal(data)), data)
    const call = () => session.seal(data)
    // What runs first, runs before it is compiled.
    await closedLoop(call, 1, QUICK_MS)
    const delays = []
    for (const inFlight of quick ? QUICK_IN_FLIGHT : IN_FLIGHT) {
      if (isLate()) {
        yield {
          group: `Records of ${size} sealed a second`,
          name: `${inFlight} under way`,
          leftOut: NO_TIME,
        }
        continue
      }
      const done = await closedLoop(call, inFlight, quick ? QUICK_MS : DURATION_MS)
      const [throughput, delay] = rows(size, inFlight, done)
      yield throughput
      delays.push(delay)
    }
    yield* delays
  }
  await factory.close()
}

/** Throughput, and the slowest but one in a hundred. */
function rows(size, inFlight, { perSecond, latencies }) {
  const name = `${inFlight} under way`
  const [half, most] = [0.5, 0.99].map((at) => quantile(latencies, at))
  const throughput = {
    group: `Records of ${size} sealed a second`,
    name,
    unit: 'calls/s',
    better: 'more',
    value: perSecond,
    note: `Half of the calls took at most ${half.toFixed(3)} ms, all but one in a hundred at most ${most.toFixed(3)} ms.`,
  }
  return [
    throughput,
    {
      group: `99th percentile of the time of a call, ${size}`,
      name,
      unit: 'ms',
      value: most,
      note: `Of ${latencies.length} calls.`,
    },
  ]
}

/** So many callers, each of which calls again when its call is done. */
async function closedLoop(call, callers, durationMs) {
  const latencies = []
  const start = performance.now()
  const end = start + durationMs
  const caller = async () => {
    for (let begun = performance.now(); begun < end; ) {
      await call()
      const done = performance.now()
      latencies.push(done - begun)
      begun = done
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const perSecond = latencies.length / ((performance.now() - start) / 1000)
  return { perSecond, latencies }
}
