// What memory a diff takes beyond the texts, at its peak.
import { textContender } from '../contenders/text.mjs'
import { runIsolated } from '../isolated.mjs'
import { median, quartilesOf } from '../measure.mjs'
import { NO_TIME } from '../part.mjs'
import { CAPS } from '../versus.mjs'

export const suite = 'memory'
export const title = 'Memory that a diff takes'
export const about =
  'How much larger a process gets while it makes one line diff, at its peak, beyond the two texts that it has already; each figure is the median of fresh processes that have made a small diff before.'

const PEERS = ['jsdiff', 'diff-match-patch, lines']
const EFFORTS = { full: 5, quick: 1 }
const PAIRS = {
  'a Deployment of 3.4 KB': { from: 'deployment' },
  'a definition of 1.3 MB, 1 line in 180': { from: 'retouched', size: 6000 },
  'a definition of 1.3 MB, 1 property in 40': { from: 'definition', size: 6000 },
  'a definition of 1.3 MB, every 7th line': { from: 'rewritten', size: 6000 },
  '200 000 lines: CRLF against LF': {
    from: 'pathological',
    name: 'CRLF against LF',
    size: 200_000,
  },
}
const QUICK_PAIRS = 2

export async function* cases({ quick, isLate, documents }) {
  const pairs = Object.entries(PAIRS).slice(0, quick ? QUICK_PAIRS : undefined)
  if (documents) pairs.push(['your documents', { from: 'files', files: documents }])
  const peers = await Promise.all(PEERS.slice(0, quick ? 1 : undefined).map(textContender))
  const caps = quick ? CAPS.quick : CAPS.full
  const runs = quick ? EFFORTS.quick : EFFORTS.full
  for (const [name, pair] of pairs) {
    const group = `Peak over the texts, of ${name}`
    if (isLate()) {
      yield { group, name: 'all', leftOut: NO_TIME }
      continue
    }
    const peak = (job, limits) => peaks({ kind: 'text', pair, ...job }, runs, limits)
    const mine = await peak({ contender: 'sealdiff' }, {})
    for (const peer of peers) {
      const row = { group, name: `strings, beside ${peer.label}`, unit: 'MiB', ...mine, runs }
      if (peer.missing) yield { group, name: row.name, missing: peer.missing }
      else yield { ...row, ...beside(peer, await peak({ contender: peer.name }, caps), caps) }
    }
    const buffers = await peak({ contender: 'sealdiff', buffers: true }, {})
    yield { group, name: 'Buffers', unit: 'MiB', ...buffers, runs }
  }
}

async function peaks(job, runs, limits) {
  const values = []
  for (let run = 0; run < runs; run++) {
    const { figures, overMs, failed } = await runIsolated(job, limits)
    if (figures === undefined) return { overMs, failed }
    values.push(figures.peakMiB)
  }
  return { value: median(values), spread: quartilesOf(values) }
}

function beside({ label, version }, { value, spread, overMs, failed }, { heapMiB }) {
  if (value !== undefined) return { beside: { name: label, version, value, spread } }
  const why = failed ?? `ended after ${overMs / 1000} s`
  return { note: `${label} ${version} gives no figure: ${why} (its heap may have ${heapMiB} MiB).` }
}
