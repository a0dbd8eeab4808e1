// Policies: HCL as users write it, and what a token may do by it.
// Behaviour: "Policies" (developer.hashicorp.com/vault/docs/concepts/policies, openbao.org/docs/concepts/policies).

/** The paths of the built-in policy `default` that matter here. */
export const DEFAULT_POLICY = `
path "auth/token/lookup-self" { capabilities = ["read"] }
path "auth/token/renew-self" { capabilities = ["update"] }
path "auth/token/revoke-self" { capabilities = ["update"] }
path "sys/capabilities-self" { capabilities = ["update"] }
`

const CAPABILITIES = new Set([
  'create',
  'read',
  'update',
  'patch',
  'delete',
  'list',
  'sudo',
  'deny',
])

/**
 * @param {string} hcl
 * @returns {{ path: string, capabilities: Set<string> }[]}
 */
export function parsePolicy(hcl) {
  const text = hcl.replace(/#.*$/gm, '').trim()
  const rule = /^path\s+"([^"]+)"\s*\{\s*capabilities\s*=\s*\[([^\]]*)\]\s*\}\s*/
  const rules = []
  for (let rest = text; rest !== ''; ) {
    const found = rule.exec(rest)
    if (found === null) throw new Error('failed to parse policy')
    const capabilities = new Set(JSON.parse(`[${found[2].replace(/,\s*$/, '')}]`))
    for (const capability of capabilities) {
      if (!CAPABILITIES.has(capability)) throw new Error(`invalid capability ${capability}`)
    }
    rules.push({ path: found[1], capabilities })
    rest = rest.slice(found[0].length)
  }
  return rules
}

/**
 * "The most specific defined policy is used"; rules of several policies for one path are united, and `deny`
 * beats the others.
 *
 * @param {{ path: string, capabilities: Set<string> }[]} rules @param {string} path @param {string} capability
 */
export function allows(rules, path, capability) {
  const matching = rules.filter((rule) => matches(rule.path, path))
  if (matching.length === 0) return false
  const best = Math.max(...matching.map((rule) => specificity(rule.path)))
  const applying = matching.filter((rule) => specificity(rule.path) === best)
  if (applying.some((rule) => rule.capabilities.has('deny'))) return false
  return applying.some((rule) => rule.capabilities.has(capability))
}

/** `+` stands for one segment, a `*` at the end for any rest. @param {string} pattern @param {string} path */
function matches(pattern, path) {
  const open = pattern.endsWith('*')
  const literal = (open ? pattern.slice(0, -1) : pattern)
    .split('+')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]+')
  return new RegExp(`^${literal}${open ? '' : '$'}`).test(path)
}

/** Exact beats a pattern; of patterns the one that is open later. @param {string} pattern */
function specificity(pattern) {
  const wild = pattern.search(/[+*]/)
  return wild === -1 ? Number.POSITIVE_INFINITY : wild * 1000 + pattern.length
}
