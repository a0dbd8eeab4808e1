// Two versions of a custom resource definition of more than a megabyte, the same on every run.

const KINDS = ['string', 'integer', 'boolean', 'object', 'array']
const WORDS =
  'the name of a resource that selects which pods this field matches when it is set to be unique'.split(
    ' ',
  )

/** The older and the newer version, as YAML text. */
export function generateVersions({ seed = 1, properties = 6000 } = {}) {
  const random = randomSource(seed)
  const older = Array.from({ length: properties }, (_, index) => property(random, index))
  const newer = older.flatMap((lines) => edit(random, lines))
  return [render('v1', older), render('v2', newer)]
}

/** A generator of numbers from 0 to 1 (mulberry32): small, seeded, and good enough for an example. */
function randomSource(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function property(random, index) {
  return [
    `          field${index}:`,
    '            description: |-',
    `              ${sentence(random)}`,
    `              ${sentence(random)}`,
    `            type: ${pick(random, KINDS)}`,
  ]
}

/** About one property in forty changes: a new text, a new type, one more property, or one fewer. */
function edit(random, lines) {
  const die = Math.floor(random() * 160)
  if (die === 0) return []
  if (die === 1) return [lines, property(random, `Added${Math.floor(random() * 1e6)}`)]
  if (die === 2) return [[...lines.slice(0, 4), `            type: ${pick(random, KINDS)}`]]
  if (die === 3)
    return [[...lines.slice(0, 2), `              ${sentence(random)}`, ...lines.slice(3)]]
  return [lines]
}

function render(version, properties) {
  const head = [
    'apiVersion: apiextensions.k8s.io/v1',
    'kind: CustomResourceDefinition',
    'metadata:',
    '  name: examples.sealdiff.dev',
    'spec:',
    '  versions:',
    `  - name: ${version}`,
    '    schema:',
    '      openAPIV3Schema:',
    '        properties:',
  ]
  return `${[...head, ...properties.flat()].join('\n')}\n`
}

function sentence(random) {
  return Array.from({ length: 12 }, () => pick(random, WORDS)).join(' ')
}

function pick(random, values) {
  return values[Math.floor(random() * values.length)]
}
