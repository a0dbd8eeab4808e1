// Pairs of documents as JavaScript values.
import { deployments } from './deployment.mjs'
import { randomSource } from './random.mjs'

/** By name: the older and the newer document, given what part of the full size is wanted. */
const PAIRS = {
  Deployment: () => deployments(),
  'inventory, small edits': (part) => inventory(Math.round(5000 * part)),
  'head of a list removed': (part) => {
    const items = list(Math.round(5000 * part))
    return [{ items }, { items: items.slice(1) }]
  },
  'long list, items moved out and in': (part) => longList(Math.round(20_000 * part)),
  'deep nesting': (part) => [
    nested(Math.round(3000 * part), 1),
    nested(Math.round(3000 * part), 2),
  ],
}

export const NAMES = Object.keys(PAIRS)

/** @param {string} name @param {number} [part] of the full size, up to 1 */
export function objectPair(name, part = 1) {
  const [old, new_] = PAIRS[name](part)
  // As from another file or request: what did not change is equal, but not the same object.
  return [old, JSON.parse(JSON.stringify(new_))]
}

/** About a megabyte of JSON, of which one item in two hundred changes. */
function inventory(count) {
  const random = randomSource(5)
  const items = Array.from({ length: count }, (_, n) => product(random, n))
  const changed = items.map((item, n) =>
    n % 200 === 100 ? { ...item, stock: item.stock + 1, tags: [...item.tags, 'sale'] } : item,
  )
  return [
    { version: 1, items },
    { version: 2, items: changed },
  ]
}

function product(random, n) {
  return {
    id: `product-${n}`,
    name: `Product number ${n}`,
    price: random(100_000) / 100,
    stock: random(500),
    tags: ['new', `shelf ${random(40)}`],
    size: { width: random(100), height: random(100), unit: 'cm' },
    supplier: { name: `supplier ${random(50)}`, country: 'CH', rating: random(5) },
  }
}

function list(count) {
  return Array.from({ length: count }, (_, n) => ({ id: `item-${n}`, value: (n * 7919) % 10_007 }))
}

/** Every tenth item leaves, and as many others come in elsewhere. */
function longList(count) {
  const items = list(count)
  const left = items.filter((_, n) => n % 10 !== 3)
  const came = left.flatMap((item, n) =>
    n % 9 === 5 ? [item, { id: `added-${n}`, value: n }] : [item],
  )
  return [{ items }, { items: came }]
}

function nested(depth, leaf) {
  let document = { leaf }
  for (let level = 0; level < depth; level++) document = { level, child: document }
  return document
}
