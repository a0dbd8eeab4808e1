// What isolated.mjs starts. usage: node --expose-gc isolated-job.mjs JOB AS JSON; prints a line when it begins to
// compare, then the figures as JSON, and then checks the answer: it ends with 0 if that is right.

import { once } from 'node:events'
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { checkJson, jsonContender } from './contenders/json.mjs'
import { checkText, textContender } from './contenders/text.mjs'
import { objectPair } from './documents/objects.mjs'
import { loadPair } from './documents/pairs.mjs'

const MIB = 2 ** 20
/** When it ends itself, whoever was to end it. */
const BACKSTOP_MS = 10 * 60_000
const SMALL = { text: ['one\ntwo\n', 'one\n2\n'], json: [{ list: [1, 2] }, { list: [2] }] }
const KINDS = {
  text: { open: textContender, load: loadPair, check: checkText },
  json: { open: jsonContender, load: ({ name, size }) => objectPair(name, size), check: checkJson },
}

await backstop()
const { kind, contender: name, pair, runs = 1, buffers = false } = JSON.parse(process.argv[2])
const { open, load, check } = KINDS[kind]
const contender = await open(name)
const loaded = load(pair)
const [old, new_] = buffers ? loaded.map((text) => Buffer.from(text)) : loaded.map(flat)
// Small ones first: loading and compiling code takes memory too, once.
contender.diff(...SMALL[kind])
globalThis.gc()
// Written at once: the work would hold back what console.log writes to a pipe.
writeSync(1, 'begins\n')
const before = beginPeak()
const cpuMs = []
const times = (run) => {
  const start = process.cpuUsage()
  const answer = run()
  const { user, system } = process.cpuUsage(start)
  cpuMs.push((user + system) / 1000)
  return answer
}
const answer = times(() => contender.diff(old, new_))
const peakMiB = Math.max(0, (peak() - before) / MIB)
for (let run = 1; run < runs; run++) times(() => contender.diff(old, new_))
const count = contender.count?.(answer)
writeSync(1, `${JSON.stringify({ cpuMs, peakMiB, count })}\n`)
// The answer that was timed; making another would take as long again.
check({ ...contender, diff: () => answer }, old, new_)

/** On a thread of its own, since a diff lets no timer of this one fire. */
async function backstop() {
  const thread = new Worker(
    `require('node:worker_threads').parentPort.postMessage('begun')
     Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${BACKSTOP_MS})
     process.kill(process.pid, 'SIGKILL')`,
    { eval: true },
  )
  thread.unref()
  await once(thread, 'message')
}

/** A text whose pieces are joined, as one that came from a file: joining them is not the contender's work. */
function flat(value) {
  return typeof value === 'string' ? Buffer.from(value).toString() : value
}

/** Linux forgets the peak so far when asked to; elsewhere the peak before has to be the start. */
function beginPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    return peak()
  }
  return process.memoryUsage.rss()
}

function peak() {
  try {
    const [, kilobytes] = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))
    return Number(kilobytes) * 1024
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}
