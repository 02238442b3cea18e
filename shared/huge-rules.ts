import { ruleFindings } from './certifiable-hosts.ts'
import type { Verdict } from './decide.ts'
import type { Finding } from './findings/reasons.ts'
import type { Route } from './traefik/route.ts'
import { ruleHosts } from './traefik/rule-hosts.ts'

/** The huge malformed rules of a route that is left alone for another reason: they cost Traefik its
 * memory, whoever takes care of the certificates. */
export function hugeRules(route: Route, verdict: Verdict): readonly Finding[] {
  // Whoever found no host has read the rules; they are not read twice.
  if (verdict.kind === 'managed' || verdict.reason === 'NoHost') return []
  const isSaid = verdict.findings.some(({ path }) => path.endsWith('.match'))
  const isGoing = route.metadata.deletionTimestamp !== undefined
  if (isSaid || isGoing) return []
  return ruleHosts(route)
    .flatMap(ruleFindings)
    .filter(({ reason }) => reason === 'HugeUnreadableRule')
}
