// Every pair of texts by what names it, so that a fresh process can make it again.
import { readFileSync } from 'node:fs'
import { generateVersions } from '../../examples/documents/generate.mjs'
import { deploymentTexts } from './deployment.mjs'
import { pathologicalPair } from './pathological.mjs'
import { prosePair } from './prose.mjs'

/**
 * @typedef {{ from: string, name?: string, size?: number, files?: [string, string] }} PairSpec
 * @type {Record<string, (spec: PairSpec) => [string, string]>}
 */
const SOURCES = {
  deployment: () => deploymentTexts(),
  definition: ({ size }) => generateVersions({ properties: size }),
  rewritten: ({ size }) => rewritten(size),
  pathological: ({ name, size }) => pathologicalPair(name, size),
  prose: ({ size }) => prosePair(size),
  files: ({ files }) => files.map((file) => readFileSync(file, 'utf8')),
}

/** @param {PairSpec} spec @returns {[string, string]} the old and the new text */
export function loadPair(spec) {
  return SOURCES[spec.from](spec)
}

/** A definition of which every seventh line changed: too much for a search that only looks for a few edits. */
function rewritten(size) {
  const [old] = generateVersions({ properties: size })
  const lines = old.split('\n')
  return [old, lines.map((line, n) => (n % 7 === 3 ? `${line} # ${n}` : line)).join('\n')]
}
