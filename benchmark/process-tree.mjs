// Ends a process with all that it has started: nothing that a part began may use the processor after it.
import { spawnSync } from 'node:child_process'

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** Elsewhere processes are grouped; Windows knows who started whom. */
export const HAS_GROUPS = process.platform !== 'win32'

/** @param {number} pid of a process that was started `detached`, which makes it the first of a group */
export function endTree(pid) {
  if (!HAS_GROUPS) return void spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'])
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // Nobody is left of it.
    if (error.code !== 'ESRCH') throw error
  }
}
