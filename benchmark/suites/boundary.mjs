// What a call from JavaScript into Rust and back costs: through sealdiff's addon (Node-API) and through an FFI
// package that calls a C ABI.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Differ } from 'sealdiff'
import native from '../../native.js'
import { deploymentTexts } from '../documents/deployment.mjs'
import { openFactory } from '../factory.mjs'
import { inBackground, openKoffi } from '../peers/koffi.mjs'

export const title = 'From JavaScript to Rust and back'
export const about =
  'What a call costs that crosses from JavaScript into native code, beside the FFI package koffi, which calls a C ABI: the parts of a call first, then the same Rust functions by both ways.'

const SAME =
  'The same Rust function behind a C ABI. koffi is given lengths and a Buffer for the answer, and nothing is checked; ours checks types and states, makes errors of failures and catches panics.'

export async function* cases() {
  const { factory } = await openFactory()
  const own = await openOwn(factory)
  const koffi = await openKoffi()
  const peer = koffi.missing ? undefined : { name: 'koffi', version: koffi.version }
  const parts = 'The parts of a call, beside koffi'
  const calls = 'The same Rust function, beside koffi'
  if (koffi.missing) yield { group: parts, name: 'all', missing: koffi.missing }
  for (const part of partsOf(own, koffi)) yield { group: parts, peer, ...part }
  if (koffi.coresMissing) yield { group: calls, name: 'all', missing: koffi.coresMissing }
  let note = koffi.cores && SAME
  for (const call of callsOf(own, koffi.cores)) {
    yield { group: calls, peer: koffi.cores && peer, note, ...call }
    // It is said once.
    note = undefined
  }
  await native.closeFactory(own.factoryNumber, false)
  await factory.close()
}

/** A factory's native numbers too, which its objects keep to themselves. */
async function openOwn(factory) {
  const session = factory.session('partition')
  await session.warm()
  const factoryNumber = native.attachFactory(factory.handle())
  const number = native.openSession(factoryNumber, 'partition')
  const data = randomBytes(64)
  return {
    session,
    factoryNumber,
    number,
    data,
    text: 'x'.repeat(64),
    record: session.sealSync(data),
  }
}

/** The cheapest exports that there are: no addon exports a function that does nothing. */
function* partsOf(own, { plain }) {
  const { number, factoryNumber, record, data } = own
  const id = 'p'.repeat(64)
  const beside = (what) => plain && `koffi calls ${what} of ${plain.from}`
  yield {
    name: 'empty call',
    ours: () => native.maxStreamStartLength(),
    theirs: plain && (() => plain.empty()),
    check: () => {
      assert.ok(native.maxStreamStartLength() > 0)
      if (plain) assert.equal(plain.empty(), plain.expected.empty)
    },
    note: beside('a function that gives a constant'),
  }
  yield {
    name: 'Buffer in',
    ours: () => native.isCurrent(number, record),
    theirs: plain && (() => plain.bufferIn(data, data.length)),
    check: () => {
      assert.equal(native.isCurrent(number, record), true)
      if (plain)
        assert.equal(Number(plain.bufferIn(data, data.length)), plain.expected.bufferIn(data))
    },
    note: `ours also reads a record's header and looks at the current key; ${beside('a function that reads a byte') ?? ''}`,
  }
  yield {
    name: 'string in, 64 characters',
    ours: () => native.openSession(factoryNumber, id),
    theirs: plain && (() => plain.stringIn(id)),
    check: () => {
      assert.equal(native.openSession(factoryNumber, id), native.openSession(factoryNumber, id))
      if (plain) assert.equal(Number(plain.stringIn(id)), id.length)
    },
    note: `ours also finds the session of that name; ${beside('a function that counts the bytes') ?? ''}`,
  }
  yield {
    name: 'string out',
    ours: () => native.factoryHandle(factoryNumber),
    theirs: plain && (() => plain.stringOut()),
    check: () => {
      assert.ok(native.factoryHandle(factoryNumber).length >= 16)
      if (plain) assert.match(plain.stringOut(), plain.expected.stringOut)
    },
    note: `ours is a string of ${native.factoryHandle(factoryNumber).length} characters that is written for each call; ${beside('a function that gives a constant string') ?? ''}`,
  }
  yield {
    name: 'another thread and back',
    ours: () => native.nextTurn(),
    theirs: plain?.empty.async && (() => inBackground(plain.empty)),
    check: async () => {
      await native.nextTurn()
      if (plain?.empty.async) assert.equal(await inBackground(plain.empty), plain.expected.empty)
    },
    note: "an empty task on sealdiff's pool of threads and on that of Node.js, awaited one by one",
  }
}

function* callsOf(own, cores) {
  const { session, number, data, text } = own
  const [textRecord, theirRecord] = [session.sealSync(text), cores?.sealText(text)]
  const checked = (seal, expected, theirSeal) => async () => {
    assert.equal((await session.unseal(await seal())).compare(Buffer.from(expected)), 0)
    if (cores) assert.deepEqual(cores.unseal(await theirSeal()), Buffer.from(expected))
  }
  const sealing = () => native.seal(number, data, undefined, Buffer.allocUnsafe(110), false, false)
  yield {
    name: 'seal 64 B, the native call alone',
    ours: sealing,
    theirs: cores && (() => cores.seal(data)),
    check: checked(sealing, data, () => cores.seal(data)),
  }
  yield {
    name: 'seal 64 B, Buffer in and out',
    ours: () => session.sealSync(data),
    theirs: cores && (() => cores.seal(data)),
    check: checked(
      () => session.sealSync(data),
      data,
      () => cores.seal(data),
    ),
    headline: true,
  }
  yield {
    name: 'seal 64 characters, string in',
    ours: () => session.sealSync(text),
    theirs: cores && (() => cores.sealText(text)),
    check: checked(
      () => session.sealSync(text),
      text,
      () => cores.sealText(text),
    ),
  }
  yield {
    name: 'unseal 64 B to a string',
    ours: () => session.unsealStringSync(textRecord),
    theirs: cores && (() => cores.unseal(theirRecord).toString()),
    check: () => {
      assert.equal(session.unsealStringSync(textRecord), text)
      if (cores) assert.equal(cores.unseal(theirRecord).toString(), text)
    },
  }
  yield {
    name: 'seal 64 B, a promise that is resolved at once',
    ours: () => session.seal(data),
    theirs: cores && (async () => cores.seal(data)),
    check: checked(
      () => session.seal(data),
      data,
      () => cores.seal(data),
    ),
  }
  yield {
    name: 'seal 64 B on another thread',
    ours: () => native.sealAsync(number, data, undefined, false, native.newCancelId()),
    theirs: cores && (() => cores.sealElsewhere(data)),
    check: checked(
      () => native.sealAsync(number, data, undefined, false, native.newCancelId()),
      data,
      () => cores.sealElsewhere(data),
    ),
    note: "sealdiff's own calls hop only where the key is cold or the data long.",
  }
  yield* unified(cores)
}

function* unified(cores) {
  const [oldBytes, newBytes] = deploymentTexts().map((document) => Buffer.from(document))
  const differ = new Differ()
  const ours = () => differ.unifiedSync(oldBytes, newBytes).toString()
  yield {
    name: 'unified diff of a Deployment, to a string',
    ours,
    theirs: cores && (() => cores.unified(oldBytes, newBytes)),
    check: () => {
      assert.ok(ours().includes('+'))
      if (cores) assert.equal(cores.unified(oldBytes, newBytes), ours())
    },
  }
}
