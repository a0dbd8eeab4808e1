'use strict'
// openForTests of sealdiff/testing: a factory for which nothing must be configured.

const { isRecord } = require('./arguments.js')
const { invalidArgType } = require('./errors.js')
const { openArguments } = require('./open-options.js')
const { openFactory } = require('./session-factory.js')
const { numberOf } = require('./test-clock.js')

/** Known to everybody who reads this: what it seals is not secret. */
const MASTER_KEY = Buffer.alloc(32, 'sealdiff/testing')

/** @type {typeof import('../testing.js').openForTests} */
async function openForTests(options = {}) {
  if (!isRecord(options)) throw invalidArgType('options', 'must be an object')
  const { clock, ...rest } = options
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  const args = openArguments({
    serviceId: 'service',
    productId: 'product',
    metastore: 'memory:',
    kms: { type: 'static', key: MASTER_KEY },
    ...Object.fromEntries(given),
  })
  return openFactory(args, clock === undefined ? undefined : numberOf(clock))
}

module.exports = { openForTests }
