'use strict'
// The channels on which native code tells of its metastores, key management services and warnings.
// Native code collects events only for channels that somebody listens to. It is told of them here,
// by calls that wait anyway: those on warm keys pay nothing.

const { channel } = require('node:diagnostics_channel')
const native = require('../native.js')

/** In the order of native code's bits. */
const CHANNELS = ['metastore', 'kms', 'log'].map((name) => channel(`sealdiff:${name}`))

/** Whether native code was told of listeners, and not yet that they left. */
let isListening = false

/** Tells native code which channels have subscribers on this thread. */
function noticeSubscribers() {
  const wanted = CHANNELS.reduce(
    (bits, { hasSubscribers }, at) => (hasSubscribers ? bits | (1 << at) : bits),
    0,
  )
  if (wanted === 0 && !isListening) return
  isListening = wanted !== 0
  native.listen(wanted, deliver)
}

/** Called by native code when there are events, on this thread, outside of any other call. */
function deliver() {
  for (const { channel: at, level, message, fields } of native.takeEvents()) {
    CHANNELS[at]?.publish(message === undefined ? fields : { level, message, fields })
  }
  noticeSubscribers()
}

module.exports = { noticeSubscribers }
