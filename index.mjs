// The same names as index.js, for `import`.

import api from './index.js'

export const {
  Differ,
  ErrorCode,
  Session,
  SessionFactory,
  TextDiff,
  applyPatch,
  formatPatch,
  inspect,
  isSealdiffError,
  parsePatch,
  reversePatch,
} = api
