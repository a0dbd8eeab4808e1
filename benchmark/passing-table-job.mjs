// What passing-table.mjs starts: waits until whoever started it has ended, or asks for it, then runs a command.
// usage: node passing-table-job.mjs PROGRAM [ARGUMENT ...], with a pipe as standard input
import { spawnSync } from 'node:child_process'

const [program, ...args] = process.argv.slice(2)
// The pipe ends with the process at its other end.
for await (const _ of process.stdin);
const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
if (error) console.error(error.message)
process.exitCode = status ?? 1
