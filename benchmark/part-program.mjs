// The process of part-process.mjs: runs one part and tells what it does.
// usage, by fork: part-program.mjs '{ "name": "PART", "options": … }'
import { runPart } from './part.mjs'
import { loadPart } from './suites.mjs'

const { name, options } = JSON.parse(process.argv[2])
const part = await loadPart(name)
const result = await runPart(part, options, {
  caseBegins: ({ group, name }) => process.send({ subject: { group, name } }),
  rowMade: (row) => process.send({ row }),
})
process.send({ result }, () => process.disconnect())
