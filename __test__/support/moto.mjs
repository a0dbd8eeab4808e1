// moto, a stand-in for AWS: servers of a test's own, and their JSON API, called without any SDK.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))))
const own = path.join(root, 'target/tools/bin/moto_server')
const program = existsSync(own) ? own : 'moto_server'

/** What a test that needs moto says when it is not there; false when it is. */
export const motoIsMissing = !(await canStart()) && 'moto_server is not installed'
if (motoIsMissing && process.env.CI) throw new Error(motoIsMissing)

// moto believes any credentials, but the SDK wants some; nothing may look for others.
Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'Zauberwort',
  AWS_EC2_METADATA_DISABLED: 'true',
})

async function canStart() {
  const help = spawn(program, ['--help'], { stdio: 'ignore' })
  return new Promise((resolve) => {
    help.once('error', () => resolve(false))
    help.once('spawn', () => resolve(true))
    help.once('spawn', () => help.kill())
  })
}

/** Starts a server that ends with the test; `stop()` ends it earlier. */
export async function startMoto(t) {
  const port = await freePort()
  const server = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const gone = new Promise((resolve) => server.once('exit', resolve))
  const stop = async () => {
    server.kill('SIGKILL')
    await gone
  }
  t.after(stop)
  while (!(await isListening(port))) await pause(20)
  return { endpoint: `http://127.0.0.1:${port}`, stop }
}

/** A key of its own in a region of its own. */
export async function startRegion(t, region) {
  const { endpoint, stop } = await startMoto(t)
  const { KeyMetadata } = await call(endpoint, region, 'TrentService.CreateKey', {})
  return { region, endpoint, stop, arn: KeyMetadata.Arn }
}

const SERVICES = { TrentService: 'kms', DynamoDB_20120810: 'dynamodb' }

/** One call of the AWS JSON protocol; moto looks at the region and the service in the signature's scope. */
export async function call(endpoint, region, target, input) {
  const service = SERVICES[target.split('.')[0]]
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
      authorization:
        `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, ` +
        'SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  })
  const output = await response.json()
  if (!response.ok) throw new Error(`${target}: ${JSON.stringify(output)}`)
  return output
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.end(() => resolve(true)))
    socket.once('error', () => resolve(false))
  })
}
