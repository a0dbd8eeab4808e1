// What is to be seen while the benchmark runs: the rows as they are made, and on a terminal a bar below them.
import { groupLines, noiseLines, partLines, rowLines } from './table.mjs'

const BAR_WIDTH = 24
const CLEAR_LINE = '\r\x1b[2K'

/**
 * @param {NodeJS.WriteStream} output where the rows go
 * @param {NodeJS.WriteStream} terminal where the bar goes, if it is one
 * @param {number} rounds of a case of this run
 * @returns a listener of `runAll`
 */
export function showProgress(output, terminal, rounds) {
  const started = Date.now()
  let [at, count, done, group] = [0, 1, 0, undefined]

  function print(lines) {
    if (terminal.isTTY) terminal.write(CLEAR_LINE)
    for (const line of lines) output.write(`${line}\n`)
  }

  function bar(text) {
    if (!terminal.isTTY) return
    const filled = Math.round((BAR_WIDTH * at) / count)
    const drawn = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
    const seconds = Math.round((Date.now() - started) / 1000)
    const line = `${drawn} part ${at + 1}/${count}, ${done} rows, ${seconds} s: ${text}`
    terminal.write(CLEAR_LINE + line.slice(0, (terminal.columns ?? 80) - 1))
  }

  return {
    partBegins(part, partAt, parts) {
      ;[at, count, group] = [partAt, parts, undefined]
      print(partLines(part, at, count))
      bar(part.title)
    },
    caseBegins(subject) {
      bar(`${subject.group}, ${subject.name}`)
    },
    rowMade(row) {
      if (row.group !== group) print(groupLines(row))
      group = row.group
      done += 1
      print(rowLines(row, rounds))
    },
    partEnds(part) {
      print(noiseLines(part))
    },
  }
}
