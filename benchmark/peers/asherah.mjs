// Other implementations of Asherah, from PyPI: each in the Python environment that has it, as a process that times
// itself (asherah_bench.py).
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

const SCRIPT = path.join(import.meta.dirname, 'asherah_bench.py')
const TOOLS = path.join(import.meta.dirname, '../../target/tools')

export const IMPLEMENTATIONS = {
  Go: {
    version: '0.3.9',
    packages: 'asherah==0.3.9 cffi==1.17.1 cobhan==0.4.3 pycparser==2.22',
    variable: 'SEALDIFF_BENCH_ASHERAH_GO',
  },
  Rust: {
    version: '0.5.56',
    packages: 'asherah==0.5.56',
    variable: 'SEALDIFF_BENCH_ASHERAH_RUST',
  },
}

/**
 * @param {'Go' | 'Rust'} language
 * @param {Buffer} masterKey
 * @returns {{ name: string, language: string, version: string, timed: (call: string, size: number, count: number) => Promise<number>,
 *   close: () => void, missing?: undefined } | { name: string, missing: { name: string, command: string } }}
 *   `timed` gives µs of CPU time for a call
 */
export function openAsherah(language, masterKey) {
  const { version, packages, variable } = IMPLEMENTATIONS[language]
  const name = `Asherah in ${language}, from Python`
  const folder = path.join(TOOLS, `asherah-${version}`)
  const python = process.env[variable] ?? path.join(folder, 'bin/python')
  if (!existsSync(python)) {
    const command = `python3 -m venv asherah-${version} && asherah-${version}/bin/pip install ${packages}; then ${variable}=asherah-${version}/bin/python`
    return { name, missing: { name, command } }
  }
  return { name, language, version, ...start(python, masterKey) }
}

function start(python, masterKey) {
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'] })
  const [answers, said] = [answersOf(child), []]
  // It warns of a metastore in memory and of a static key, which is what is wanted here.
  child.stderr.on('data', (text) => said.push(text))
  const write = (request) => child.stdin.write(`${JSON.stringify(request)}\n`)
  write({ config: configuration(masterKey) })
  return {
    timed: async (call, size, count) => {
      write({ call, size, count })
      const { value, done } = await answers.next()
      if (done) throw new Error(`${python} ended: ${Buffer.concat(said)}`)
      return value
    },
    close: () => child.stdin.end(),
  }
}

function configuration(masterKey) {
  return {
    ServiceName: 'benchmark',
    ProductID: 'sealdiff',
    Metastore: 'memory',
    KMS: 'static',
    StaticMasterKeyHex: masterKey.toString('hex'),
    EnableSessionCaching: true,
  }
}

/** It may print other lines. */
async function* answersOf(child) {
  child.stdin.on('error', () => {})
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('answer ')) yield JSON.parse(line.slice('answer '.length))
  }
}
