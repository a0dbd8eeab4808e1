// What `require('sealdiff')` adds to the start of a process: warm, in fresh processes by turns with empty ones.
import { run } from './lab.mjs'

const PROCESSES = 20
/** Of what an empty process costs, which takes a busy or slow machine out of it; measured: 0.25 to 0.3. */
const MAX_SHARE = 0.4
const TELL = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  process.stdout.write(String((userCPUTime + systemCPUTime) / 1000))
})
`

/** In the folder of a project that has the package installed. */
export async function requireTime(folder) {
  const programs = { empty: TELL, required: `${TELL}require('sealdiff')` }
  const samples = { empty: [], required: [] }
  for (let i = 0; i < PROCESSES; i++) {
    for (const [name, program] of Object.entries(programs)) {
      samples[name].push(await measure(folder, program))
    }
  }
  const [empty, required] = [samples.empty, samples.required]
  const added = (kind) => median(required.map(kind)) - median(empty.map(kind))
  const cpu = ({ cpuMs }) => cpuMs
  const share = added(cpu) / median(empty.map(cpu))
  const text = `require adds ${added(({ wallMs }) => wallMs).toFixed(1)} ms, ${added(cpu).toFixed(1)} ms of processor time, to ${median(empty.map(cpu)).toFixed(1)} (medians of ${PROCESSES})`
  if (share > MAX_SHARE) throw new Error(`${text}: ${share.toFixed(2)} of an empty process`)
  return { note: text }
}

async function measure(folder, program) {
  const started = performance.now()
  const cpuMs = Number(await run(folder, process.execPath, ['-e', program]))
  return { wallMs: performance.now() - started, cpuMs }
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1]
}
