// The process of part-process.mjs: runs one part and tells what it does.
// usage, by fork: part-program.mjs '{ "name": "PART", "options": … }'
import { runPart } from './part.mjs'
import { endTree, SIGNALS } from './process-tree.mjs'
import { loadPart } from './suites.mjs'

// Who started it is gone, or wants an end.
for (const event of ['disconnect', ...SIGNALS]) {
  process.on(event, () => {
    endTree(process.pid)
    process.exit(1)
  })
}

const { name, options } = JSON.parse(process.argv[2])
const part = await loadPart(name)
const result = await runPart(part, options, {
  caseBegins: ({ group, name }) => process.send({ subject: { group, name } }),
  rowMade: (row) => process.send({ row }),
})
// Whatever the part has left open: a thread or a process that waits would keep this one.
process.send({ result }, () => process.exit())
