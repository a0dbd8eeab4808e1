// Next.js, whose standalone output holds what its file tracing found: package and addon, and no more.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, renameSync } from 'node:fs'
import { PROBED } from '../package-tests/lab.mjs'
import { targetHere } from '../project.mjs'

const TOOLS = { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' }
const FILES = {
  'next.config.mjs': `export default {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  serverExternalPackages: ['sealdiff'],
}
`,
  'app/layout.jsx': `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>
}
`,
  'app/page.jsx': 'export default function Page() { return <p>sealdiff</p> }\n',
  'app/probe/route.js': `import * as api from 'sealdiff'
import probe from '../../probe.cjs'
export const dynamic = 'force-dynamic'
export async function GET() {
  return new Response(await probe(api))
}
`,
}

export async function check(lab) {
  const project = await lab.npmProject('next', FILES, TOOLS)
  await project.run('node_modules/.bin/next', ['build'], { NEXT_TELEMETRY_DISABLED: '1' })
  // Away from the project, so that nothing is found but what was traced.
  const output = `${lab.folder}/next-standalone`
  renameSync(project.path('.next/standalone'), output)
  assert.ok(existsSync(`${output}/node_modules/sealdiff-${targetHere().name}`))
  assert.equal(await answerOf(output), PROBED)
}

async function answerOf(folder) {
  const env = { ...process.env, PORT: '0', HOSTNAME: '127.0.0.1' }
  const server = spawn(process.execPath, ['server.js'], { cwd: folder, env })
  try {
    const url = await printedUrl(server)
    return await (await fetch(`${url}/probe`)).text()
  } finally {
    server.kill()
  }
}

function printedUrl(server) {
  return new Promise((resolve, reject) => {
    let said = ''
    for (const output of [server.stdout, server.stderr]) {
      output.setEncoding('utf8').on('data', (text) => {
        said += text
        const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? []
        if (url && said.includes('Ready')) resolve(url)
      })
    }
    server.on('exit', () => reject(new Error(`the server ended: ${said}`)))
    setTimeout(() => reject(new Error(`the server is not ready: ${said}`)), 60_000).unref()
  })
}
