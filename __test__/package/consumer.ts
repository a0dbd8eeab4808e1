// What a TypeScript user writes; compiled both as CommonJS and as an ES module, and run.
import {
  applyPatch,
  type Change,
  Differ,
  type DifferOptions,
  ErrorCode,
  formatPatch,
  type Hunk,
  inspect,
  isSealdiffError,
  type Patch,
  parsePatch,
  type RecordSummary,
  reversePatch,
  type SealdiffError,
  type Session,
  SessionFactory,
  type SessionFactoryOptions,
  type TextDiff,
} from 'sealdiff'
import {
  openForTests,
  TestClock,
  type TestFactoryOptions,
  TestMetastore,
  type TestRow,
} from 'sealdiff/testing'

async function seal(): Promise<void> {
  const options: SessionFactoryOptions = {
    serviceId: 'billing',
    productId: 'invoices',
    metastore: 'memory:',
    kms: { type: 'static', key: '11'.repeat(32) },
  }
  const factory: SessionFactory = await SessionFactory.open(options)
  const session: Session = factory.session('tenant-1')
  const record: Buffer = await session.seal('x', { additionalData: 'row 1' })
  const plaintext: Buffer = await session.unseal(record, { additionalData: 'row 1' })
  const text: string = await session.unsealString(await session.seal('y'))
  const again: Buffer = session.unsealSync(session.sealSync(plaintext))
  const json: string = await session.encrypt('z')
  const fromJson: Buffer = await session.decrypt(json)
  const summary: RecordSummary = inspect(record)
  if (text !== 'y' || again.toString() !== 'x' || fromJson.toString() !== 'z' || !summary) {
    throw new Error('a record did not come back')
  }
  try {
    await session.unseal(new Uint8Array(3))
    throw new Error('an invalid record was accepted')
  } catch (error: unknown) {
    if (!isSealdiffError(error)) throw error
    const known: SealdiffError = error
    const code: ErrorCode = known.code
    if (code !== ErrorCode.ERR_RECORD_INVALID) throw error
  }
  session.close()
  await factory.close()
}

async function test(): Promise<void> {
  const clock = new TestClock(new Date(0))
  const metastore = new TestMetastore()
  const options: TestFactoryOptions = { clock, metastore, policy: { expireAfter: '30d' } }
  const factory: SessionFactory = await openForTests(options)
  await factory.session('tenant-1').warm()
  clock.advance('31d')
  const rows: TestRow[] = metastore.rows()
  const revoked: number = metastore.revoke((row) => row.id.startsWith('_IK_'))
  await factory.close()
  if (clock.now.getTime() !== 31 * 86_400_000 || rows.length !== 2 || revoked !== 1) {
    throw new Error('a test is not what it should be')
  }
}

async function diff(): Promise<void> {
  const options: DifferOptions = { context: 3 }
  const differ = new Differ(options)
  const lines: TextDiff = await differ.lines('a\nb\n', 'a\nc\n')
  const changes: Change[] = lines.changes()
  const hunks: Hunk[] = lines.hunks()
  const ops: Uint32Array = lines.ops()
  const added: number = lines.stats.added
  const exact: boolean = lines.exact
  const unified: string = await differ.unified('a\nb\n', 'a\nc\n')
  const sync: string = differ.unifiedSync('a\nb\n', 'a\nc\n')
  const patches: Patch[] = parsePatch(unified)
  const patch = patches[0]
  if (patch === undefined) throw new Error('no patch was parsed')
  const applied: string = applyPatch('a\nb\n', patch)
  const reversed: string = applyPatch(applied, reversePatch(patch))
  const formatted: string = formatPatch(patch)
  if (applied !== 'a\nc\n' || reversed !== 'a\nb\n' || unified !== sync || formatted === '') {
    throw new Error('a patch did not apply')
  }
  if (changes.length === 0 || hunks.length !== 1 || ops.length % 5 !== 0 || added !== 1 || !exact) {
    throw new Error('a diff is not what it should be')
  }
}

seal()
  .then(test)
  .then(diff)
  .then(() => console.log('TypeScript consumer ok'))
