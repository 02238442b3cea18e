import { normalHost, positiveHosts } from './hosts.ts'
import type { Route } from './route.ts'
import {
  parseRule,
  parseTcpRule,
  ruleSyntax,
  type ParsedRule,
  type Rule,
  type RuleError,
  type RuleSyntax,
} from './rule.ts'

/** Whom one rule of a route can serve. */
export type RuleReach = {
  /** The rule's field, such as `spec.routes[0].match`. */
  readonly path: string
  readonly match: string
  /** The hosts and wildcards that it names; no others are served where it is limited. */
  readonly hosts: readonly string[]
  /** The hosts that it names under `!`. Traefik serves none of them for it, but its choice of TLS options
   * counts these too (pkg/muxer/http/mux.go, ParseDomains). */
  readonly excluded: readonly string[]
  /** Whether it can serve only hosts that it names. */
  readonly isLimited: boolean
  /** Why Traefik refuses it in the syntax that it is in by default, or by its own word. */
  readonly error: RuleError | undefined
}

/** Whom each of a route's rules can serve, in order. */
export function routeReach(route: Route): readonly RuleReach[] {
  const parse = route.kind === 'IngressRoute' ? parseRule : parseTcpRule
  return route.spec.routes.map(({ match, syntax }, index) => {
    const readings = readingsOf(syntaxes(syntax), (one) => parse(match, one))
    const [first] = readings
    const error = first?.kind === 'refused' ? first.error : undefined
    return { path: `spec.routes[${index}].match`, match, ...reachOf(readings), error }
  })
}

/** The syntaxes that Traefik may read a rule in: where the route names none, `core.defaultRuleSyntax` of its
 * static configuration decides, which is not to be seen from here. */
function syntaxes(syntax: string | undefined): readonly RuleSyntax[] {
  return syntax === undefined ? ['v3', 'v2'] : [ruleSyntax(syntax)]
}

type Reach = Pick<RuleReach, 'hosts' | 'excluded' | 'isLimited'>

const NOTHING: Reach = { hosts: [], excluded: [], isLimited: true }
const ANYTHING: Reach = { hosts: [], excluded: [], isLimited: false }

/** As many readings as it takes until one succeeds. */
function readingsOf(
  all: readonly RuleSyntax[],
  read: (syntax: RuleSyntax) => ParsedRule,
): readonly ParsedRule[] {
  const readings: ParsedRule[] = []
  for (const syntax of all) {
    const parsed = read(syntax)
    readings.push(parsed)
    if (parsed.kind === 'parsed') break
  }
  return readings
}

/** A rule that Traefik refuses serves nothing; one that only we can't read (a newer Traefik's matcher, deeper
 * than we go) may serve anything. */
function reachOf(readings: readonly ParsedRule[]): Reach {
  const parsed = readings.find((one) => one.kind === 'parsed')
  if (parsed !== undefined) return reachOfRule(parsed.rule)
  const isOnlyOurs = readings.some(
    (one) => one.kind === 'refused' && one.error.kind !== 'malformed',
  )
  return isOnlyOurs ? ANYTHING : NOTHING
}

/** What a rule can serve. */
export function reachOfRule(rule: Rule): Reach {
  return {
    hosts: positiveHosts(rule),
    excluded: positiveHosts({ kind: 'not', rule }),
    isLimited: isLimited(rule, true),
  }
}

const HOST_MATCHERS: ReadonlySet<string> = new Set(['Host', 'HostHeader', 'HostSNI'])

/** Under an odd number of `!` Traefik turns `&&` and `||` around (pkg/rules, invert). */
function isLimited(rule: Rule, positive: boolean): boolean {
  switch (rule.kind) {
    case 'matcher':
      return positive && HOST_MATCHERS.has(rule.name) && !rule.args.some(isEveryHost)
    case 'not':
      return isLimited(rule.rule, !positive)
    case 'and':
    case 'or': {
      const needsOne = (rule.kind === 'and') === positive
      const limits = (inner: Rule): boolean => isLimited(inner, positive)
      return needsOne ? rule.rules.some(limits) : rule.rules.every(limits)
    }
    default:
      return rule satisfies never
  }
}

function isEveryHost(host: string): boolean {
  return normalHost(host) === '*'
}
