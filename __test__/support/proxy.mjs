// A network that fails: a TCP proxy in front of a server, slow or cut when a test says so.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Passes bytes to and from 127.0.0.1:`target`. */
export async function startProxy(t, target) {
  const pairs = new Set()
  const state = { delay: 0, isDown: false }
  const server = createServer((client) => {
    if (state.isDown) return client.destroy()
    const pair = { client, upstream: connect(target, '127.0.0.1'), held: [] }
    pairs.add(pair)
    for (const [socket, other] of [
      [pair.client, pair.upstream],
      [pair.upstream, pair.client],
    ]) {
      socket
        .on('error', () => {})
        .on('close', () => {
          other.destroy()
          pairs.delete(pair)
        })
    }
    pair.client.on('data', (bytes) => pair.upstream.write(bytes))
    pair.upstream.on('data', (bytes) => passOn(pair, bytes))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const cut = () => {
    for (const { client } of pairs) client.destroy()
  }
  t.after(() => {
    cut()
    server.close()
  })

  function passOn(pair, bytes) {
    if (state.delay === 0) return pair.client.write(bytes)
    pair.held.push(bytes)
    setTimeout(() => release(pair), state.delay).unref()
  }

  function release(pair) {
    const bytes = pair.held.shift()
    if (bytes && !pair.client.destroyed) pair.client.write(bytes)
  }

  return {
    port: server.address().port,
    connections: () => pairs.size,
    /** From now on every answer takes this long. */
    slow(milliseconds) {
      state.delay = milliseconds
    },
    quick() {
      state.delay = 0
      for (const pair of pairs) while (pair.held.length > 0) release(pair)
    },
    /** Ends all connections, and refuses new ones until `up`. */
    down() {
      state.isDown = true
      cut()
    },
    up() {
      state.isDown = false
    },
  }
}
