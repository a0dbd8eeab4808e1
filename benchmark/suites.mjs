// The suites and their parts: each file in suites/ is a part.
import { readdir } from 'node:fs/promises'

export const SUITES = ['boundary', 'envelope', 'diff', 'memory', 'concurrency']
const FOLDER = new URL('./suites/', import.meta.url)

/**
 * @typedef {{
 *   suite: string, name: string, title: string, about: string, cases: (context: object) => AsyncIterable<object>,
 * }} Part
 * @param {string[]} wanted names of suites, of parts as SUITE/PART, or `all`
 * @returns {Promise<Part[]>} in the order of the suites
 */
export async function loadParts(wanted = ['all']) {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.mjs'))
  const names = files.map((file) => file.slice(0, -'.mjs'.length))
  const parts = await Promise.all(names.map(loadPart))
  return parts
    .filter(({ suite, name }) =>
      ['all', suite, `${suite}/${name}`].some((label) => wanted.includes(label)),
    )
    .sort((a, b) => compare(place(a), place(b)))
}

/** @param {string} name of the part's file @returns {Promise<Part>} */
export async function loadPart(name) {
  const { suite = name, title, about, cases } = await import(new URL(`${name}.mjs`, FOLDER).href)
  if (!SUITES.includes(suite)) throw new Error(`suites/${name}.mjs is of no known suite: ${suite}`)
  return { suite, name, title, about, cases }
}

/** By suite, the part that is named like it first, then by name. */
function place({ suite, name }) {
  return [SUITES.indexOf(suite), name === suite ? '' : name]
}

function compare([suiteA, nameA], [suiteB, nameB]) {
  return suiteA - suiteB || (nameA < nameB ? -1 : 1)
}
