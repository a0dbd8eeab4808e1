// Values that callers pass by mistake or by malice.
import { types } from 'node:util'

export const SECRET = 'hunter2-plaintext-4111111111111111'

/** Neither a string nor a Uint8Array that can be read safely; made anew, because one is detached. */
export function notData() {
  const detached = new Uint8Array([1, 2, 3])
  structuredClone(detached.buffer, { transfer: [detached.buffer] })
  return {
    null: null,
    undefined: undefined,
    number: 1,
    boolean: true,
    bigint: 1n,
    symbol: Symbol('x'),
    function: () => {},
    object: { secret: SECRET },
    array: [1, 2],
    'String object': new String(SECRET),
    DataView: new DataView(new ArrayBuffer(4)),
    ArrayBuffer: new ArrayBuffer(4),
    Uint16Array: new Uint16Array(4),
    Uint8ClampedArray: new Uint8ClampedArray(4),
    'array over shared memory': new Uint8Array(new SharedArrayBuffer(4)),
    'array over a detached buffer': detached,
    'proxy of an array': new Proxy(new Uint8Array(4), {}),
    'object that pretends': Object.create(Uint8Array.prototype),
  }
}

/** Bytes, and options whose getter detaches them before the native code looks. */
export function detachedByGetter(option) {
  const bytes = new Uint8Array(Buffer.from(SECRET))
  const options = {
    get [option]() {
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
      return undefined
    },
  }
  return { bytes, options }
}

/** Everything of an error that a log could show. */
export function shown(error) {
  const causes = []
  for (let cause = error; types.isNativeError(cause); cause = cause.cause) {
    causes.push(cause.message, cause.stack ?? '', JSON.stringify(cause))
  }
  return causes.join('\n')
}
