import { positiveHosts } from './hosts.ts'
import type { Route } from './route.ts'
import { parseRule, parseTcpRule, ruleSyntax, type RuleError } from './rule.ts'

/** What one rule of a route names, or why Traefik refuses it. */
export type RuleHosts = {
  /** The rule's field, such as `spec.routes[0].match`. */
  readonly path: string
  readonly match: string
  readonly hosts: readonly string[]
  readonly error: RuleError | undefined
}

/** What each of a route's rules can serve, in order: see `positiveHosts`. */
export function ruleHosts(route: Route): readonly RuleHosts[] {
  const parse = route.kind === 'IngressRoute' ? parseRule : parseTcpRule
  return route.spec.routes.map(({ match, syntax }, index) => {
    const parsed = parse(match, ruleSyntax(syntax))
    return {
      path: `spec.routes[${index}].match`,
      match,
      hosts: parsed.kind === 'parsed' ? positiveHosts(parsed.rule) : [],
      error: parsed.kind === 'refused' ? parsed.error : undefined,
    }
  })
}
