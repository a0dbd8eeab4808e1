'use strict'
// Tracing channels of the calls on records, for who subscribes to them; to nobody a look at one property.
// No event holds data, a record, a key or an id.

const { types } = require('node:util')
const { tracingChannel } = require('node:diagnostics_channel')
const { isSealdiffError } = require('./errors.js')

/** @import { CallContext } from '../index.js' */
/** @typedef {{ channels: import('node:diagnostics_channel').TracingChannel<string, object>, operation: CallContext['operation'], format: CallContext['format'] }} Subject */

/** @param {CallContext['operation']} operation @param {CallContext['format']} format @returns {Subject} */
function subject(operation, format) {
  return { channels: tracingChannel(`sealdiff:${operation}`), operation, format }
}

/** A call that a subscriber makes while it is being told of another is not told of: that would never end. */
let isTelling = false

/**
 * Makes a call of sync form, and tells of it.
 *
 * @template T
 * @param {Subject} of @param {unknown} input data or record @param {() => T} call
 * @returns {T}
 */
function traced(of, input, call) {
  if (!of.channels.hasSubscribers || isTelling) return call()
  return tellSync(of, input, call)
}

/**
 * Makes a call of promise form, inside of an async function, and tells of it.
 *
 * @template T
 * @param {Subject} of @param {unknown} input @param {() => T | Promise<T>} call
 * @returns {T | Promise<T>}
 */
function tracedPromise(of, input, call) {
  if (!of.channels.hasSubscribers || isTelling) return call()
  return tellPromise(of, input, call)
}

/** @param {Subject} of @param {unknown} input @param {() => any} call */
function tellSync(of, input, call) {
  const { channels } = of
  const context = newContext(of, 'sync', input)
  return begin(channels.start, context, () => {
    try {
      return succeeded(context, call())
    } catch (error) {
      tell(channels.error, failed(context, error))
      throw error
    } finally {
      tell(channels.end, context)
    }
  })
}

/** @param {Subject} of @param {unknown} input @param {() => any} call */
function tellPromise(of, input, call) {
  const { channels } = of
  const context = newContext(of, 'promise', input)
  const settled = () => {
    tell(channels.asyncStart, context)
    tell(channels.asyncEnd, context)
  }
  return begin(channels.start, context, () => {
    const promise = new Promise((resolve) => resolve(call()))
    tell(channels.end, context)
    return promise.then(
      (output) => {
        succeeded(context, output)
        settled()
        return output
      },
      (error) => {
        tell(channels.error, failed(context, error))
        settled()
        throw error
      },
    )
  })
}

/** @param {Subject} subject @param {CallContext['form']} form @param {unknown} input @returns {CallContext} */
function newContext({ operation, format }, form, input) {
  const context = { operation, format, form, bytesIn: byteLength(input) }
  return Array.isArray(input) ? { ...context, records: input.length } : context
}

/** @template T @param {CallContext} context @param {T} output @returns {T} */
function succeeded(context, output) {
  context.outcome = 'ok'
  context.bytesOut = byteLength(output)
  return output
}

/** The code alone: a cause may be a driver's or a user's words. @param {CallContext} context @param {unknown} error */
function failed(context, error) {
  context.outcome = 'error'
  if (isSealdiffError(error)) context.code = error.code
  return context
}

/** @param {unknown} value @returns {number | undefined} of a string as UTF-8, of many their sum */
function byteLength(value) {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.reduce((sum, one) => sum + (byteLength(one) ?? 0), 0)
  return types.isUint8Array(value) ? value.byteLength : undefined
}

/** @param {import('node:diagnostics_channel').Channel} channel @param {CallContext} context @param {() => any} work in the stores that are bound to the channel */
function begin(channel, context, work) {
  isTelling = true
  try {
    return channel.runStores(context, () => {
      isTelling = false
      return work()
    })
  } finally {
    isTelling = false
  }
}

/** What a subscriber throws is an uncaught exception, as on every channel; the call goes on. @param {import('node:diagnostics_channel').Channel} channel @param {CallContext} context */
function tell(channel, context) {
  isTelling = true
  channel.publish(context)
  isTelling = false
}

module.exports = { subject, traced, tracedPromise }
