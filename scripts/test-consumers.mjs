// Uses the packed package as bundlers, frameworks, package managers, test runners and other runtimes do. Their
// tools come from npm at pinned versions into a temporary folder, which takes a few minutes.
// usage: test-consumers.mjs [NAME...]   (default: all of scripts/consumers but those of test-package.mjs)
import { consumers } from './package-tests/consumers.mjs'
import { Lab, step } from './package-tests/lab.mjs'

const named = process.argv.slice(2)
const known = await consumers()
const unknown = named.filter((name) => !known.some((consumer) => consumer.name === name))
if (unknown.length > 0) {
  throw new Error(`unknown: ${unknown}; known are ${known.map(({ name }) => name).join(', ')}`)
}
const chosen = known.filter(({ name, everyRun }) =>
  named.length > 0 ? named.includes(name) : !everyRun,
)

let lab
await step('pack', async () => {
  lab = await Lab.open()
})
const failures = []
try {
  for (const { name, check } of chosen) {
    await step(name, () => check(lab)).catch((error) => failures.push([name, error]))
  }
} finally {
  lab.close()
}
for (const [name, error] of failures) console.error(`\n=== ${name}\n${error.stack}`)
if (failures.length > 0) process.exitCode = 1
