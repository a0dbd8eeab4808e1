// What the tests of streams share.
import { buffer } from 'node:stream/consumers'
import { ReadableStream } from 'node:stream/web'

/** A stream of these chunks. */
export function streamOf(...chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}

/** What comes out when these chunks go in. */
export function through(transform, ...chunks) {
  return buffer(streamOf(...chunks).pipeThrough(transform))
}

/** Data cut into pieces of the given lengths, the last length serving for the rest. */
export function cut(data, ...lengths) {
  const pieces = []
  for (let at = 0; at < data.length; ) {
    const length = lengths.length > 1 ? lengths.shift() : lengths[0]
    pieces.push(data.subarray(at, at + length))
    at += length
  }
  return pieces
}

/** The code of the error that a promise rejects with. */
export function codeOf(promise) {
  return promise.then(
    () => 'no error',
    (error) => error.code,
  )
}
