// The same names as index.js, for `import`.

import api from './index.js'

export const {
  Differ,
  ErrorCode,
  JsonDiff,
  Session,
  SessionFactory,
  TextDiff,
  applyJsonPatch,
  applyMergePatch,
  applyPatch,
  formatPatch,
  inspect,
  isSealdiffError,
  parsePatch,
  reversePatch,
} = api
