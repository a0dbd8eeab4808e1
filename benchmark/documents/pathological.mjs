// Pairs of texts on which one diff library or another takes seconds, minutes or gigabytes: each is what a real file
// can be (a log, a sorted list, a file with other line ends), only long.
import { randomSource } from './random.mjs'

const unique = (n) => `line number ${n} of the text\n`

/** By name: from a number of lines to the old and the new lines. */
const PAIRS = {
  shuffled: (count) => {
    const lines = numbered(count)
    return [lines, shuffled(lines)]
  },
  reversed: (count) => [numbered(count), numbered(count).reverse()],
  '4 distinct lines': (count) => {
    const random = randomSource(11)
    const picks = () => Array.from({ length: count }, () => `kind ${random(4)}\n`)
    return [picks(), picks()]
  },
  '} between unique lines': (count) => {
    const between = (step) =>
      Array.from({ length: count / 2 }, (_, n) => ['}\n', unique(n * step)]).flat()
    return [between(1), between(2)]
  },
  'blank runs': (count) => {
    const blank = (run) =>
      Array.from({ length: count / 4 }, (_, n) => `${'\n'.repeat(run(n))}text ${n % 1000}\n`)
    return [blank((n) => (n % 4) + 1), blank((n) => ((n * 7 + Math.floor(n / 3)) % 5) + 1)]
  },
  'every second line': (count) => {
    const lines = numbered(count)
    return [lines, lines.map((line, n) => (n % 2 === 0 ? line : `changed ${n}\n`))]
  },
  'block move': (count) => {
    const lines = numbered(count)
    const [quarter, rest] = [count / 4, (3 * count) / 4]
    const moved = [lines.slice(0, quarter), lines.slice(rest), lines.slice(quarter, rest)]
    return [lines, moved.flat()]
  },
  'CRLF against LF': (count) => {
    const lines = numbered(count)
    return [lines.map((line) => line.replace('\n', '\r\n')), lines]
  },
}

export const NAMES = Object.keys(PAIRS)

/** @param {string} name @param {number} lines a multiple of four @returns {[string, string]} */
export function pathologicalPair(name, lines) {
  return PAIRS[name](lines).map((side) => side.join(''))
}

function numbered(count) {
  return Array.from({ length: count }, (_, n) => unique(n))
}

function shuffled(lines) {
  const random = randomSource(11)
  const result = [...lines]
  for (let at = result.length - 1; at > 0; at--) {
    const other = random(at + 1)
    ;[result[at], result[other]] = [result[other], result[at]]
  }
  return result
}
