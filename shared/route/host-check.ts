import { isElsewhere } from '../names/is-elsewhere.ts'
import { createHash } from 'node:crypto'
import { ruleFindings } from './certifiable-hosts.ts'
import type { Denials, Finding, Reason } from '../findings/reasons.ts'
import { NONE } from '../json/json.ts'
import { isAllowed } from '../settings/settings.ts'
import { normalHost } from '../traefik/hosts.ts'
import type { Route } from '../traefik/route.ts'
import { trimmedEnd } from '../json/trimmed.ts'
import { ROUTE_LIMITS, wholeReach, type RouteReach } from '../traefik/rule-reach.ts'

/** Which hosts a namespace's routes may name. */
export type HostRights = Denials & {
  readonly namespace: string
  /** The patterns of its allowed-domains; undefined: any host. One that can't be read allows nothing. */
  readonly allowed: ReadonlySet<string> | undefined
  /** The namespace that a host belongs to, or undefined. */
  readonly holderOf: (host: string) => string | undefined
}

/** Something in a route that its namespace has no right to. What has the same keys was there before. */
export type Violation = { readonly finding: Finding; readonly keys: readonly string[] }

/** A host that a route names, and how: served by a rule, left out by one (`!`), or listed for a certificate. */
type Mention = {
  readonly host: string
  readonly path: string
  readonly how: 'served' | 'excluded' | 'listed'
  /** The places of the rules that serve it. */
  readonly by: readonly number[]
}

/** What a route names or may serve and its namespace has no right to, whatever else the route says: whether
 * it gets a certificate or brings its own, is opted out, is labelled as ours or is being deleted. */
export function hostViolations(
  route: Route,
  rights: HostRights,
  reach: RouteReach = wholeReach(route),
): readonly Violation[] {
  const mentions = mentionsOf(route, reach)
  const rankAt = ranksOf(route)
  return [
    ...notAllowed(mentions, rights).map(violation('HostNotAllowed', rankAt)),
    ...heldElsewhere(mentions, rights).map(violation('HostHeldElsewhere', rankAt)),
    ...unbounded(reach, rights, rankAt),
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
    ...listed.map(({ path, name }) => ({
      path,
      host: normalHost(name),
      how: 'listed' as const,
      by: NONE,
    })),
    ...rules.flatMap(({ path, hosts }, index) =>
      hosts.map((host) => ({ path, host, how: 'served' as const, by: [index] })),
    ),
    ...rules.flatMap(({ path, excluded }) =>
      excluded.map((host) => ({ path, host, how: 'excluded' as const, by: NONE })),
    ),
  ]
  // Traefik takes one dot off a host, and one off that of a request: `a.org..` serves `https://a.org./`.
  const named = all
    .map((one) => ({ ...one, host: trimmedEnd(one.host, '.') }))
    .filter(({ host }) => host !== '*')
  const grouped = Map.groupBy(named, ({ how, host }) => `${how} ${host}`)
  return [...grouped.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, by: [first, ...others].flatMap((one) => one.by) }],
  )
}

type RankAt = (index: number) => string

/** What says for whom, and before whom, each entry serves: a rule that is stored passes only as it is. Digests, each
 * made once: a rule of thousands of hosts would be said as often. */
function ranksOf({ spec }: Route): RankAt {
  const known = new Map<number, string>()
  return (index) => {
    const { match = '', source } = spec.routes[index] ?? {}
    const priority = JSON.stringify(source?.['priority'] ?? null)
    const rank =
      known.get(index) ?? createHash('sha256').update(`${priority} ${match}`).digest('base64')
    known.set(index, rank)
    return rank
  }
}

/** Of what `!` leaves out, too: Traefik's choice of TLS options for a host counts every rule that names it, so
 * that another namespace's demand for client certificates would end with `!Host(...)`. */
function notAllowed(mentions: readonly Mention[], { allowed }: HostRights): readonly Mention[] {
  return mentions.filter(({ host }) => !isAllowed(host, allowed))
}

/** Leaving out what is another's (`*.example.com` but not `shop.example.com`) is only fair. */
function heldElsewhere(
  mentions: readonly Mention[],
  { namespace, holderOf }: HostRights,
): readonly Mention[] {
  return mentions.filter(
    ({ how, host }) => how !== 'excluded' && isElsewhere(holderOf(host), namespace),
  )
}

function violation(reason: Reason, rankAt: RankAt): (mention: Mention) => Violation {
  return ({ path, host, how, by }) => {
    const key = `${reason} ${how} ${host}`
    const keys = [key, ...by.map((index) => `${key} ${rankAt(index)}`)]
    return { finding: { reason, path, about: host }, keys }
  }
}

/** Rules that may serve hosts that they do not name, in a namespace that may not serve all. */
function unbounded(
  { rules }: RouteReach,
  rights: HostRights,
  rankAt: RankAt,
): readonly Violation[] {
  if (!isBounded(rights)) return []
  return rules.flatMap(({ path, match, isLimited }, index) =>
    isLimited
      ? []
      : [
          {
            finding: { reason: 'UnboundedRule' as const, path, about: match },
            keys: [`UnboundedRule ${rankAt(index)}`],
          },
        ],
  )
}

/** A stored route that is too long to be read counts as one that may serve anything. */
function tooLong({ isTooLong }: RouteReach, rights: HostRights): readonly Violation[] {
  if (!isTooLong || !isBounded(rights)) return []
  const finding: Finding = { reason: 'RouteNotChecked', path: 'spec.routes', about: ROUTE_LIMITS }
  return [{ finding, keys: [finding.reason] }]
}

function isBounded({ allowed, hostClaims, unboundedRules }: HostRights): boolean {
  return (allowed !== undefined || hostClaims === 'deny') && unboundedRules !== 'allow'
}

/** Malformed rules so long that they cost Traefik its memory. */
function huge({ rules }: RouteReach): readonly Violation[] {
  return rules.flatMap((rule) =>
    ruleFindings(rule)
      .filter(({ reason }) => reason === 'HugeUnreadableRule')
      .map((finding) => ({ finding, keys: [`${finding.reason} ${rule.match}`] })),
  )
}
