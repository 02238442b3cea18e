import { isDeepStrictEqual } from 'node:util'
import { listAt, type JsonObject } from '../../../shared/json/json.ts'
import { ownerReference } from '../../../shared/kube/object.ts'
import { companionName } from '../../../shared/names/names.ts'
import { OUR_LABELS, REDIRECTS } from '../../../shared/kube/ours.ts'
import { plainEntryPoints } from '../../../shared/route/plain-http.ts'
import type { ClusterSettings } from '../../../shared/settings/settings.ts'
import { positiveHosts } from '../../../shared/traefik/hosts.ts'
import { printRule } from '../../../shared/traefik/print-rule.ts'
import { TRAEFIK_API, type Route, type RouteEntry } from '../../../shared/traefik/route.ts'
import { parseRule, ruleSyntax, type Rule } from '../../../shared/traefik/rule.ts'
import { hasOwners } from './action.ts'
import { classOf } from './route-class.ts'

/** A route that shall answer plain HTTP, and which of its hosts it shall redirect. */
export type CompanionWish = {
  readonly route: Route
  readonly cluster: ClusterSettings
  /** Hosts, as `positiveHosts` gives them. */
  readonly redirects: ReadonlySet<string>
}

/** The companion of a route: the same routers on the HTTP entry points, without TLS. The ACME server's
 * path stays free (RFC 8555 8.3), and what is redirected keeps its services. */
export function companionObject(wish: CompanionWish, existing: Route | undefined): JsonObject {
  const { route, cluster, redirects } = wish
  const { spec, metadata } = classOf(route)
  return {
    apiVersion: TRAEFIK_API,
    kind: 'IngressRoute',
    metadata: {
      namespace: route.metadata.namespace,
      name: companionName(route.metadata.name),
      ...(existing === undefined
        ? {}
        : { uid: existing.metadata.uid, resourceVersion: existing.metadata.resourceVersion }),
      labels: OUR_LABELS,
      annotations: { ...metadata.annotations, [REDIRECTS]: redirectsText(redirects) },
      ownerReferences: [ownerReference(route)],
    },
    spec: {
      ...spec,
      entryPoints: plainEntryPoints(route, cluster),
      routes: routersOf(wish),
    },
  }
}

/** Whether a stored companion is as it should be. */
export function isCompanionAsDesired(companion: Route, wish: CompanionWish): boolean {
  const { route, cluster, redirects } = wish
  return (
    isDeepStrictEqual(companion.spec.entryPoints, plainEntryPoints(route, cluster)) &&
    isDeepStrictEqual(classOf(companion), classOf(route)) &&
    companion.metadata.annotations[REDIRECTS] === redirectsText(redirects) &&
    hasOwners(companion.metadata, [route]) &&
    isDeepStrictEqual(
      companion.spec.routes.map(({ source }) => source),
      routersOf(wish),
    )
  )
}

/** The hosts that a stored companion redirects. */
export function redirectsOf(companion: Route | undefined): readonly string[] {
  const text = companion?.metadata.annotations[REDIRECTS] ?? ''
  return text === '' ? [] : text.split(',')
}

function redirectsText(redirects: ReadonlySet<string>): string {
  return [...redirects].sort().join(',')
}

const ACME: Rule = {
  kind: 'not',
  rule: { kind: 'matcher', name: 'PathPrefix', args: ['/.well-known/acme-challenge/'] },
}

const known = new WeakMap<CompanionWish, readonly JsonObject[]>()

/** All routers that are wished for. They are compared with what is stored and then written: a rule of thousands of
 * hosts is parsed and printed once. */
function routersOf(wish: CompanionWish): readonly JsonObject[] {
  const before = known.get(wish)
  if (before !== undefined) return before
  const routers = wish.route.spec.routes.flatMap((entry) => routersFor(entry, wish))
  known.set(wish, routers)
  return routers
}

/** One router as long as all or none of its hosts are redirected, else one for each of the two; none
 * for a rule that Traefik refuses. */
function routersFor(entry: RouteEntry, wish: CompanionWish): readonly JsonObject[] {
  const parsed = parseRule(entry.match, ruleSyntax(entry.syntax))
  if (parsed.kind === 'refused') return []
  const { rule } = parsed
  const hosts = positiveHosts(rule).filter((host) => wish.redirects.has(host))
  if (hosts.length === 0) return [router(entry, and(rule, ACME))]
  const middlewares = redirecting(entry, wish.route)
  if (onlyFor(rule, new Set(hosts))) return [{ ...router(entry, and(rule, ACME)), middlewares }]
  const condition = anyOf(hosts)
  return [
    { ...router(entry, and(rule, condition, ACME)), middlewares },
    router(entry, and(rule, { kind: 'not', rule: condition }, ACME)),
  ]
}

/** Traefik's own priority of a router is its rule's length in bytes (pkg/muxer/http/mux.go): the one
 * that the original has must be said here. */
function router(entry: RouteEntry, rule: Rule): JsonObject {
  const own = entry.source['priority']
  const isSet = own !== undefined && own !== null && own !== 0
  return {
    ...entry.source,
    match: printRule(rule),
    priority: isSet ? own : Buffer.byteLength(entry.match),
  }
}

function redirecting(entry: RouteEntry, route: Route): readonly unknown[] {
  const redirect = { name: companionName(route.metadata.name) }
  return [redirect, ...listAt(entry.source, 'middlewares')]
}

function and(...rules: readonly Rule[]): Rule {
  return { kind: 'and', rules }
}

function anyOf(hosts: readonly string[]): Rule {
  const [first, ...others] = hosts.map((host): Rule => ({
    kind: 'matcher',
    name: 'Host',
    args: [host],
  }))
  if (first === undefined || others.length > 0) {
    return { kind: 'or', rules: first === undefined ? [] : [first, ...others] }
  }
  return first
}

/** Whether a rule holds for nothing but requests to these hosts. */
function onlyFor(rule: Rule, hosts: ReadonlySet<string>): boolean {
  switch (rule.kind) {
    case 'matcher':
      return positiveHosts(rule).length > 0 && positiveHosts(rule).every((host) => hosts.has(host))
    case 'and':
      return rule.rules.some((one) => onlyFor(one, hosts))
    case 'or':
      return rule.rules.every((one) => onlyFor(one, hosts))
    case 'not':
      return false
    default:
      return rule satisfies never
  }
}
