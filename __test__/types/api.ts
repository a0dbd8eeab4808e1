// What the types allow, and what they refuse. Compiled only: `npm run test:types`.
import { Blob } from 'node:buffer'
import { tracingChannel } from 'node:diagnostics_channel'
import { open } from 'node:fs/promises'
import { Duplex, PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import {
  applyPatch,
  type BackendCall,
  type CallContext,
  Differ,
  ErrorCode,
  type FactoryHandle,
  type FactoryStats,
  inspect,
  isSealdiffError,
  type LogLine,
  parsePatch,
  type SealdiffError,
  type SealOptions,
  Session,
  SessionFactory,
  TextDiff,
} from 'sealdiff'
import { openForTests, TestClock, TestMetastore } from 'sealdiff/testing'

const told: CallContext[] = []
tracingChannel<string, CallContext>('sealdiff:seal').asyncEnd.subscribe((context) => {
  told.push(context as CallContext)
})

const kms = { type: 'static', key: new Uint8Array(32) } as const
const required = { serviceId: 'service', productId: 'product', metastore: 'memory:', kms }

export async function factories(): Promise<void> {
  const factory: SessionFactory = await SessionFactory.open({
    ...required,
    policy: { expireAfter: '90d', revokeCheckInterval: 3600, refreshGrace: '10m' },
    timeout: '30s',
  })
  const handle: FactoryHandle = factory.handle()
  SessionFactory.attach(handle)
  // @ts-expect-error: only a handle attaches, not any string
  SessionFactory.attach('0123456789abcdef')
  // @ts-expect-error: a factory is opened, never constructed
  new SessionFactory()
  // @ts-expect-error: there is no default metastore
  await SessionFactory.open({ serviceId: 'service', productId: 'product', kms })
  // @ts-expect-error: an unknown option
  await SessionFactory.open({ ...required, caches: {} })
  const regions = { 'us-west-2': 'arn:aws:kms:us-west-2:111122223333:key/k' }
  await SessionFactory.open({ ...required, kms: { type: 'aws', regions, minRegions: 1 } })
  // @ts-expect-error: each region has a key
  await SessionFactory.open({ ...required, kms: { type: 'aws', regions: ['us-west-2'] } })
  // @ts-expect-error: a region has the ARN of a key, not a list
  await SessionFactory.open({ ...required, kms: { type: 'aws', regions: { a: [] } } })
  const role = { type: 'approle', roleId: 'role', secretId: 'secret' } as const
  await SessionFactory.open({ ...required, kms: { type: 'vault', key: 'k', auth: role } })
  const half = { type: 'approle', roleId: 'role' } as const
  // @ts-expect-error: a login by AppRole needs a secret id
  await SessionFactory.open({ ...required, kms: { type: 'vault', key: 'k', auth: half } })
  // @ts-expect-error: a duration has a unit
  await SessionFactory.open({ ...required, timeout: '30 parsecs' })
}

export async function forTests(): Promise<void> {
  const clock = new TestClock(Date.now())
  const factory: SessionFactory = await openForTests({ clock, metastore: new TestMetastore() })
  clock.advance('1d')
  // @ts-expect-error: time is moved, not set
  clock.now = new Date()
  // @ts-expect-error: a clock is made by this package
  await openForTests({ clock: Date.now })
  // @ts-expect-error: no clock but in tests
  await SessionFactory.open({ ...required, clock })
  await factory.close()
}

export function messages(call: BackendCall, line: LogLine): string {
  const level: 'system' | 'intermediate' | undefined = call.level
  const code: ErrorCode | undefined = call.code
  return `${level} ${code} ${call.durationMs.toFixed()} ${line.message}`
}

export function counts({ keyHits, sessions }: FactoryStats): number {
  return keyHits / sessions
}

export async function sessions(session: Session, settings: SealOptions): Promise<void> {
  const controller = new AbortController()
  const record: Buffer = await session.seal('text', { signal: controller.signal })
  const text: string = await session.unsealString(record, { additionalData: new Uint8Array(1) })
  const json: string = await session.encrypt(text)
  const data: Buffer = session.decryptSync(json)
  inspect(data)
  const sealedText: string = await session.seal('text', { encoding: 'base64url' })
  const sealedNow: string = session.sealSync('text', { encoding: 'base64url' })
  const bytes: Buffer = session.sealSync('text', { encoding: undefined, additionalData: 'place' })
  const either: Buffer | string = await session.seal('text', settings)
  const data2: Buffer = await session.unseal(sealedText)
  inspect(sealedNow)
  const current: boolean = await session.isCurrent(either, { signal: controller.signal })
  const again: Buffer = await session.reseal(sealedText, { additionalData: 'place' })
  const againText: string = await session.reseal(again, { encoding: 'base64url' })
  await session.warm({ records: [bytes, againText, data2, String(current)] })
  const many: Buffer[] = await session.sealMany(['a', { data: 'b', additionalData: 'row' }])
  const texts: string[] = await session.sealMany(['a'], { encoding: 'base64url' })
  const outcomes: PromiseSettledResult<Buffer>[] = await session.unsealMany(
    [...many, ...texts, { record: bytes, additionalData: 'place' }],
    { settled: true, signal: controller.signal },
  )
  const rows: string[] = await session.encryptMany(['a', new Uint8Array(1)])
  const read: Buffer[] = await session.decryptMany(rows)
  inspect(read[outcomes.length] ?? bytes)
  // @ts-expect-error: Asherah's format has no additional data
  await session.encryptMany([{ data: 'a', additionalData: 'place' }])
  // @ts-expect-error: settled, outcomes come
  const values: Buffer[] = await session.unsealMany(many, { settled: true })
  values.length
  // @ts-expect-error: text is asked for, so text comes
  const notBytes: Buffer = await session.seal('text', { encoding: 'base64url' })
  notBytes.length
  // @ts-expect-error: another encoding
  session.sealSync('text', { encoding: 'hex' })
  // @ts-expect-error: what is read says itself what it is
  await session.unseal(sealedText, { encoding: 'base64url' })
  // @ts-expect-error: a question about the key needs no additional data
  await session.isCurrent(bytes, { additionalData: 'place' })
  // @ts-expect-error: a session comes from a factory
  new Session()
  // @ts-expect-error: Asherah's format has no additional data
  await session.encrypt('text', { additionalData: 'place' })
  // @ts-expect-error: a synchronous form waits for nothing, so nothing can be aborted
  session.sealSync('text', { signal: controller.signal })
  // @ts-expect-error: data is text or bytes
  await session.seal(42)
  // @ts-expect-error: the partition is fixed
  session.partitionId = 'another'
}

export async function streams(session: Session, source: ReadableStream<Uint8Array>): Promise<void> {
  const place = { additionalData: 'place', signal: AbortSignal.timeout(1000) }
  const sealed: ReadableStream<Uint8Array> = source.pipeThrough(session.sealStream(place))
  const opened: ReadableStream<Uint8Array> = sealed.pipeThrough(session.unsealStream(place))
  const duplex: Duplex = Duplex.fromWeb(session.sealStream())
  await pipeline(Readable.fromWeb(opened), duplex, new PassThrough())
  const file = await open('sealed')
  const part: Buffer = await session.unsealRange(file, 0, 10, place)
  await session.unsealRange(part, 0, 10)
  await session.unsealRange(new Blob([part]), 0, 10)
  await session.unsealRange(async (start, end) => part.subarray(start, end), 0, 10, {
    recordLength: 100,
  })
  // @ts-expect-error: bytes are opened, never text
  await session.unsealStream().writable.getWriter().write('text')
  // @ts-expect-error: a range has two ends
  await session.unsealRange(file, 0)
  // @ts-expect-error: a stream is no text
  session.sealStream({ encoding: 'base64url' })
}

export async function diffs(differ: Differ): Promise<void> {
  const text: string = await differ.unified('old', 'new', { context: 1 })
  const bytes: Buffer = await differ.unified(new Uint8Array(1), 'new')
  const diff: TextDiff = differ.linesSync('old', 'new')
  const ops: Uint32Array = diff.ops()
  for (const patch of parsePatch(text)) {
    const patched: string = applyPatch('old', patch)
    patched.concat(String(ops), String(bytes))
  }
  // @ts-expect-error: a diff comes from a differ
  new TextDiff()
  // @ts-expect-error: an unknown algorithm
  new Differ({ algorithm: 'fastest' })
  // @ts-expect-error: bytes in, bytes out
  const wrong: string = await differ.unified(new Uint8Array(1), 'new')
  wrong.length
}

export function errors(caught: unknown): string | undefined {
  if (!isSealdiffError(caught)) return undefined
  const error: SealdiffError = caught
  const known: boolean = error.code === ErrorCode.ERR_DECRYPT_FAILED
  // @ts-expect-error: an unknown code
  if (error.code === 'ERR_UNKNOWN') return undefined
  return known ? error.hint : error.message
}
