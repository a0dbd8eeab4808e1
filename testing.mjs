// The same names as testing.js, for `import`.

import api from './testing.js'

export const { TestClock, TestMetastore, openForTests } = api
