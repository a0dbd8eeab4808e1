// Subscribers for a test, gone when it ends.
import diagnostics from 'node:diagnostics_channel'

export const OPERATIONS = ['seal', 'unseal', 'encrypt', 'decrypt']
export const BACKENDS = ['metastore', 'kms', 'log']

/** What the four tracing channels tell, each event with a copy of its context. */
export function traces(t, onEvent = () => {}) {
  const told = []
  for (const operation of OPERATIONS) {
    const channels = diagnostics.tracingChannel(`sealdiff:${operation}`)
    const handlers = Object.fromEntries(
      ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((event) => [
        event,
        (context) => {
          told.push([event, { ...context }])
          onEvent(event, context)
        },
      ]),
    )
    channels.subscribe(handlers)
    t.after(() => channels.unsubscribe(handlers))
  }
  return told
}

/** What the plain channels tell, each message with its channel's name. */
export function messages(t, names = BACKENDS, onMessage = () => {}) {
  const told = []
  for (const name of names) {
    const handler = (message) => {
      told.push([name, message])
      onMessage(name, message)
    }
    diagnostics.subscribe(`sealdiff:${name}`, handler)
    t.after(() => diagnostics.unsubscribe(`sealdiff:${name}`, handler))
  }
  return told
}
