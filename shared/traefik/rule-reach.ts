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

/** Whom a route can serve, as far as its rules were read. */
export type RouteReach = {
  /** Its rules, in order; none where it is too long. */
  readonly rules: readonly RuleReach[]
  /** Whether it is too long: then it may serve anything. */
  readonly isTooLong: boolean
}

/** How much of a route is read: what is stored may hold up nobody else. */
export const LONGEST_ROUTE = {
  /** Its rules and `spec.tls.domains` together, in UTF-16 units: some 15 ms of reading. */
  text: 128 * 1024,
  /** The hosts of the rules, and those of `spec.tls.domains`. */
  hosts: 3000,
} as const

/** The limits, for people. */
export const ROUTE_LIMITS = '3,000 hosts or 128 KiB'

/** A template of v2 takes so much longer than other text. */
const TEMPLATE_COST = 6

/** From so many characters on, a route is read once for each stored version: for ten thousand with one host,
 * reading again costs less than remembering. */
const LONG = 4096

const known = new WeakMap<Route, RouteReach>()
/** Of any length: who looks at a route asks several times in a row. */
let last: { readonly route: Route; readonly reach: RouteReach } | undefined

/** Whom each of a route's rules can serve, within the limits. */
export function routeReach(route: Route): RouteReach {
  const before = last?.route === route ? last.reach : known.get(route)
  if (before !== undefined) return before
  const text = textOf(route)
  const reach = text > LONGEST_ROUTE.text ? TOO_LONG : readWithin(route)
  if (text > LONG) known.set(route, reach)
  last = { route, reach }
  return reach
}

/** The same, with every rule read to its end, however long that takes: for one review at a time. */
export function wholeReach(route: Route): RouteReach {
  const reach = routeReach(route)
  if (!reach.isTooLong && reach.rules.every(({ error }) => error === undefined)) return reach
  return { rules: readRules(route, Number.POSITIVE_INFINITY) ?? [], isTooLong: false }
}

const TOO_LONG: RouteReach = { rules: [], isTooLong: true }

function textOf({ spec }: Route): number {
  const domains = (spec.tls?.domains ?? []).reduce((sum, { name }) => sum + name.length, 0)
  return spec.routes.reduce((sum, { match }) => sum + match.length, domains)
}

function readWithin(route: Route): RouteReach {
  const rules = readRules(route, LONGEST_ROUTE.text)
  if (rules === undefined) return TOO_LONG
  const hosts = rules.reduce((sum, rule) => sum + rule.hosts.length + rule.excluded.length, 0)
  const listed = route.spec.tls?.domains.length ?? 0
  return Math.max(hosts, listed) > LONGEST_ROUTE.hosts ? TOO_LONG : { rules, isTooLong: false }
}

/** The rules of a route; undefined: together they are longer than `most`. */
function readRules(route: Route, most: number): readonly RuleReach[] | undefined {
  const parse = route.kind === 'IngressRoute' ? parseRule : parseTcpRule
  const rules: RuleReach[] = []
  let left = most
  for (const [index, { match, syntax }] of route.spec.routes.entries()) {
    const all = syntaxes(syntax)
    const readings = readingsOf(all, (one) => {
      const cost = costOf(match, one)
      if (cost > left) return undefined
      left -= cost
      return parse(match, one)
    })
    const [first] = readings
    if (first === undefined) return undefined
    // What v2 makes of a rule that is malformed in v3, and too long for both, is unknown.
    const isCut = readings.length < all.length && readings.at(-1)?.kind === 'refused'
    const error = first.kind === 'refused' ? first.error : undefined
    const reach = isCut ? ANYTHING : reachOf(readings)
    rules.push({ path: `spec.routes[${index}].match`, match, ...reach, error })
  }
  return rules
}

function costOf(match: string, syntax: RuleSyntax): number {
  return match.length * (syntax === 'v2' && match.includes('{') ? TEMPLATE_COST : 1)
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
  read: (syntax: RuleSyntax) => ParsedRule | undefined,
): readonly ParsedRule[] {
  const readings: ParsedRule[] = []
  for (const syntax of all) {
    const parsed = read(syntax)
    if (parsed === undefined) break
    readings.push(parsed)
    if (parsed.kind === 'parsed') break
  }
  return readings
}

/** A rule that Traefik refuses serves nothing; one that only we can't read (a newer Traefik's matcher, deeper
 * than we go) may serve anything, and serves what is named in it. */
function reachOf(readings: readonly ParsedRule[]): Reach {
  const parsed = readings.find((one) => one.kind === 'parsed')
  if (parsed !== undefined) return reachOfRule(parsed.rule)
  const onlyOurs = readings.filter(
    (one) => one.kind === 'refused' && one.error.kind !== 'malformed',
  )
  const [known] = onlyOurs.flatMap((one) => (one.kind === 'refused' && one.known) || [])
  if (known !== undefined) return { ...reachOfRule(known), isLimited: false }
  return onlyOurs.length > 0 ? ANYTHING : NOTHING
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
