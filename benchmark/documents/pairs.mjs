// Every pair of texts by what names it, so that a fresh process can make it again.
import { readFileSync } from 'node:fs'
import { generateVersions } from '../../examples/documents/generate.mjs'
import { deploymentTexts } from './deployment.mjs'
import { pathologicalPair } from './pathological.mjs'
import { prosePair } from './prose.mjs'

/** 166 of the 30 000 lines of the full size: few edits, which a search finds without a table of lines. */
const RETOUCHED_EVERY = 180
/** Too many for that. */
const REWRITTEN_EVERY = 7

/**
 * @typedef {{ from: string, name?: string, size?: number, files?: [string, string] }} PairSpec
 * @type {Record<string, (spec: PairSpec) => [string, string]>}
 */
const SOURCES = {
  deployment: () => deploymentTexts(),
  definition: ({ size }) => generateVersions({ properties: size }),
  retouched: ({ size }) => changed(size, RETOUCHED_EVERY),
  rewritten: ({ size }) => changed(size, REWRITTEN_EVERY),
  pathological: ({ name, size }) => pathologicalPair(name, size),
  prose: ({ size }) => prosePair(size),
  files: ({ files }) => files.map((file) => readFileSync(file, 'utf8')),
}

/** @param {PairSpec} spec @returns {[string, string]} the old and the new text */
export function loadPair(spec) {
  return SOURCES[spec.from](spec)
}

/** A definition of which one line in so many changed. */
function changed(size, every) {
  const [old] = generateVersions({ properties: size })
  const lines = old.split('\n')
  const changedLines = lines.map((line, n) => (n % every === 3 ? `${line} # ${n}` : line))
  return [old, changedLines.join('\n')]
}
