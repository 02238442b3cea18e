import type { Route } from './route.ts'
import { routeReach } from './rule-reach.ts'
import type { RuleError } from './rule.ts'

/** What one rule of a route names, or why Traefik refuses it. */
export type RuleHosts = {
  /** The rule's field, such as `spec.routes[0].match`. */
  readonly path: string
  readonly match: string
  readonly hosts: readonly string[]
  readonly error: RuleError | undefined
}

/** What each of a route's rules can serve, in order: see `positiveHosts`. None of a route that is too long. */
export function ruleHosts(route: Route): readonly RuleHosts[] {
  return routeReach(route).rules.map((rule) =>
    rule.error === undefined ? rule : { ...rule, hosts: [] },
  )
}
