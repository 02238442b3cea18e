import { ruleFindings } from './certifiable-hosts.ts'
import type { Denials, Finding, Reason } from './findings/reasons.ts'
import { isAllowed } from './settings.ts'
import { normalHost } from './traefik/hosts.ts'
import type { Route } from './traefik/route.ts'
import { trimmedEnd } from './trimmed.ts'
import { ROUTE_LIMITS, wholeReach, type RouteReach } from './traefik/rule-reach.ts'

/** Which hosts a namespace's routes may name. */
export type HostRights = Denials & {
  readonly namespace: string
  /** The patterns of its allowed-domains; undefined: any host. One that can't be read allows nothing. */
  readonly allowed: ReadonlySet<string> | undefined
  /** The namespace that a host belongs to, or undefined. */
  readonly holderOf: (host: string) => string | undefined
}

/** Something in a route that its namespace has no right to. What has the same key was there before. */
export type Violation = { readonly finding: Finding; readonly key: string }

/** A host that a route names, and how: served by a rule, left out by one (`!`), or listed for a certificate. */
type Mention = {
  readonly host: string
  readonly path: string
  readonly how: 'served' | 'excluded' | 'listed'
}

/** What a route names or may serve and its namespace has no right to, whatever else the route says: whether
 * it gets a certificate or brings its own, is opted out, is labelled as ours or is being deleted. */
export function hostViolations(
  route: Route,
  rights: HostRights,
  reach: RouteReach = wholeReach(route),
): readonly Violation[] {
  const mentions = mentionsOf(route, reach)
  return [
    ...notAllowed(mentions, rights),
    ...heldElsewhere(mentions, rights),
    ...unbounded(reach, rights),
    ...tooLong(reach, rights),
    ...huge(reach),
  ]
}

/** Whether a finding of another check is one of these, and is said here. */
export function isOfHostCheck({ reason, path }: Finding): boolean {
  return (
    reason === 'HugeUnreadableRule' || (reason === 'HostNotAllowed' && path.startsWith('spec.'))
  )
}

/** Each host once for each way in which it is named, at its first place. */
function mentionsOf(route: Route, { rules, isTooLong }: RouteReach): readonly Mention[] {
  const listed = isTooLong ? [] : (route.spec.tls?.domains ?? [])
  const all: readonly Mention[] = [
    ...listed.map(({ path, name }) => ({ path, host: normalHost(name), how: 'listed' as const })),
    ...rules.flatMap(({ path, hosts }) =>
      hosts.map((host) => ({ path, host, how: 'served' as const })),
    ),
    ...rules.flatMap(({ path, excluded }) =>
      excluded.map((host) => ({ path, host, how: 'excluded' as const })),
    ),
  ]
  // Traefik takes one dot off a host, and one off that of a request: `a.org..` serves `https://a.org./`.
  const named = all
    .map((one) => ({ ...one, host: trimmedEnd(one.host, '.') }))
    .filter(({ host }) => host !== '*')
  return [
    ...new Map(named.toReversed().map((one) => [`${one.how} ${one.host}`, one])).values(),
  ].toReversed()
}

/** Of what `!` leaves out, too: Traefik's choice of TLS options for a host counts every rule that names it, so
 * that another namespace's demand for client certificates would end with `!Host(...)`. */
function notAllowed(mentions: readonly Mention[], { allowed }: HostRights): readonly Violation[] {
  return mentions.filter(({ host }) => !isAllowed(host, allowed)).map(violation('HostNotAllowed'))
}

/** Leaving out what is another's (`*.example.com` but not `shop.example.com`) is only fair. */
function heldElsewhere(
  mentions: readonly Mention[],
  { namespace, holderOf }: HostRights,
): readonly Violation[] {
  return mentions
    .filter(({ how, host }) => how !== 'excluded' && (holderOf(host) ?? namespace) !== namespace)
    .map(violation('HostHeldElsewhere'))
}

function violation(reason: Reason): (mention: Mention) => Violation {
  return ({ path, host, how }) => ({
    finding: { reason, path, about: host },
    key: `${reason} ${how} ${host}`,
  })
}

/** Rules that may serve hosts that they do not name, in a namespace that may not serve all. */
function unbounded({ rules }: RouteReach, rights: HostRights): readonly Violation[] {
  if (!isBounded(rights)) return []
  return rules
    .filter(({ isLimited }) => !isLimited)
    .map(({ path, match }) => ({
      finding: { reason: 'UnboundedRule', path, about: match },
      key: `UnboundedRule ${match}`,
    }))
}

/** A stored route that is too long to be read counts as one that may serve anything. */
function tooLong({ isTooLong }: RouteReach, rights: HostRights): readonly Violation[] {
  if (!isTooLong || !isBounded(rights)) return []
  const finding: Finding = { reason: 'RouteNotChecked', path: 'spec.routes', about: ROUTE_LIMITS }
  return [{ finding, key: finding.reason }]
}

function isBounded({ allowed, hostClaims, unboundedRules }: HostRights): boolean {
  return (allowed !== undefined || hostClaims === 'deny') && unboundedRules !== 'allow'
}

/** Malformed rules so long that they cost Traefik its memory. */
function huge({ rules }: RouteReach): readonly Violation[] {
  return rules.flatMap((rule) =>
    ruleFindings(rule)
      .filter(({ reason }) => reason === 'HugeUnreadableRule')
      .map((finding) => ({ finding, key: `${finding.reason} ${rule.match}` })),
  )
}
