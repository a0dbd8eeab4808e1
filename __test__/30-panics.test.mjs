// A panic in any place that Rust code runs in becomes ERR_INTERNAL with a fixed message; the process goes on.
// Needs an addon with the feature `fault-injection`: node scripts/build-addon.mjs --features fault-injection --out target/fault
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = path.join(root, 'target/fault')
const addon = existsSync(folder) && readdirSync(folder).find((name) => name.endsWith('.node'))
const missing = !addon && 'target/fault has no addon with fault injection'
if (missing && process.env.CI) throw new Error(missing)

function run(program) {
  const script = `
    const native = require(${JSON.stringify(path.join(folder, addon || ''))})
    const code = (error) => [error.code, error.message, error.retryable]
    ;(async () => {
      ${program}
      console.log(JSON.stringify(['alive', native.inspect('{}x'.slice(0, 0) || bad()) ]))
    })().catch((error) => console.log(JSON.stringify(code(error))))
    function bad() { return Buffer.from([0xd1]) }`
  return spawnSync(process.execPath, ['--expose-gc', '-e', script], { encoding: 'utf8' })
}

/** Every program ends with a call that fails in the ordinary way: the addon still answers. */
const ALIVE = '["ERR_RECORD_INVALID","the record is malformed: it is truncated",false]'
const INTERNAL = '["ERR_INTERNAL","sealdiff failed internally; please report it",false]'

const SYNC = `try { native.NAME() } catch (error) { console.log(JSON.stringify(code(error))) }`
const ASYNC = `await native.NAME().catch((error) => console.log(JSON.stringify(code(error))))`
const PLACES = {
  faultInExport: SYNC,
  faultInFuture: ASYNC,
  faultOnProcessor: ASYNC,
  faultInCallback: ASYNC,
}

for (const [name, call] of Object.entries(PLACES)) {
  test(`a panic is an error: ${name}`, { skip: missing }, () => {
    const { status, stdout, stderr } = run(call.replace('NAME', name))
    assert.deepEqual(stdout.trim().split('\n'), [INTERNAL, ALIVE], stderr)
    assert.equal(status, 0)
    assert.ok(!stderr.includes('4111'), stderr)
  })
}

for (const [name, call] of Object.entries({
  faultInBackground: 'native.faultInBackground(); await native.faultInFuture().catch(() => {})',
  faultInFinalizer:
    'native.faultInFinalizer(); await new Promise(setImmediate); gc(); await new Promise(setImmediate); gc()',
})) {
  test(`a panic that nobody waits for ends nothing: ${name}`, { skip: missing }, () => {
    const { status, stdout, stderr } = run(call)
    assert.deepEqual([status, stdout.trim()], [0, ALIVE], stderr)
    assert.ok(!stderr.includes('4111'), stderr)
  })
}

test('every export catches panics and runs in guard', () => {
  const files = readdirSync(path.join(root, 'src'), { recursive: true }).filter((name) =>
    name.endsWith('.rs'),
  )
  let [exports, attributesSeen] = [0, 0]
  for (const name of files) {
    const text = readFileSync(path.join(root, 'src', name), 'utf8')
    attributesSeen += text.match(/#\[napi.*\]\n\s*pub(?:\(crate\))? (?:async )?fn /g)?.length ?? 0
    for (const [, attributes, body] of text.matchAll(
      /#\[napi(.*)\]\n(?:\s*pub(?:\(crate\))? (?:async )?fn )([\s\S]*?\n {0,4}\}\n)/g,
    )) {
      exports++
      assert.match(attributes, /catch_unwind/, `${name}: ${body.split('(')[0]}`)
      assert.match(body, /guard(_drop)?\(|External::new/, `${name}: ${body.split('(')[0]}`)
    }
  }
  assert.equal(exports, attributesSeen, 'every export was looked at')
  assert.ok(exports > 20, `only ${exports} exports found`)
})
