import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import { wildcardOver } from '../../../shared/certificates/cover.ts'
import { nameOf } from '../../../shared/certificates/desired.ts'
import { isCompanion } from '../../../shared/kube/ours.ts'
import { routeOfCompanion } from '../../../shared/names/names.ts'
import { tlsHosts } from '../../../shared/route/tcp-services.ts'
import { hostPatterns } from '../../../shared/traefik/host-patterns.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import { redirectsOf } from '../plan/companion-object.ts'
import { isShared } from './certificate-store.ts'
import type { IndexState } from './index-state.ts'
import type { IndexedRoute } from './route-store.ts'
import { standingOf } from './standings.ts'

/** The keys of the Certificates that a route's hosts have or would have. */
export function* certificateKeysOf(state: IndexState, entry: IndexedRoute): Generator<string> {
  const { route, verdict } = entry
  const { routes, certificates } = state
  const { namespace } = route.metadata
  // Of a companion those that it redirects to: they may be free to go when it serves again.
  if (isCompanion(route)) {
    for (const host of redirectsOf(route)) yield* certificates.keysOfHost(namespace, host)
  } else if (verdict.kind === 'managed' && verdict.named) {
    yield `${namespace}/${verdict.secret}`
  } else if (verdict.kind === 'managed') {
    for (const name of routes.namesOf(entry).keys()) yield `${namespace}/${name}`
    for (const host of verdict.hosts) yield* certificates.keysOfHost(namespace, host)
    yield* certificateKeysAround(state, namespace, verdict.hosts)
  }
}

/** The keys of the Certificates of wildcards over these hosts, and of those that several hosts share. */
export function* certificateKeysAround(
  { certificates }: IndexState,
  namespace: string,
  hosts: readonly string[],
): Generator<string> {
  const wildcards = new Set(hosts.flatMap((host) => wildcardOver(host) ?? []))
  for (const wildcard of wildcards) yield* certificates.keysOfHost(namespace, wildcard)
  for (const host of hosts) {
    for (const key of certificates.keysOfHost(namespace, host)) {
      const certificate = certificates.get(key)
      if (certificate !== undefined && isShared(certificate)) yield key
    }
  }
}

/** The keys of the Certificates that a Certificate's hosts may get in its place. */
export function nextKeysOf(
  state: IndexState,
  { metadata: { namespace }, spec }: Certificate,
): readonly string[] {
  return spec.dnsNames.flatMap((host) => {
    const standing = standingOf(state, namespace, host)
    return standing === undefined ? [] : [`${namespace}/${nameOf(standing).certificate}`]
  })
}

/** The keys of the managed routes that serve a Certificate's names. */
export function routeKeysOf(
  { routes }: IndexState,
  { metadata: { namespace }, spec }: Certificate,
): readonly string[] {
  return spec.dnsNames.flatMap((host) => [...routes.keysOfHost(namespace, host)])
}

/** The keys of the routes that wildcards among these hosts cover, or could. */
export function routeKeysBelow(
  { routes }: IndexState,
  namespace: string,
  hosts: readonly string[],
): readonly string[] {
  return hosts
    .filter((host) => host.startsWith('*'))
    .flatMap((wildcard) => [...routes.keysBelow(namespace, wildcard)])
}

/** The keys of the routes of all namespaces for which it counts who holds a host: those that name it, or the
 * wildcard over it. */
export function routeKeysAt({ sightings }: IndexState, host: string): readonly string[] {
  const wildcard = wildcardOver(host)
  return [host, ...(wildcard === undefined ? [] : [wildcard])].flatMap(sightings.keysOf)
}

/** The keys of the managed routes with a host that one of these patterns names, or with a wildcard over it. */
export function routeKeysUnder(
  { routes }: IndexState,
  patterns: readonly string[],
): readonly string[] {
  const named = new Set([...patterns, ...patterns.flatMap((one) => wildcardOver(one) ?? [])])
  return Array.from(routes.keys()).filter((key) => {
    const verdict = routes.get(key)?.verdict
    return verdict?.kind === 'managed' && verdict.hosts.some((host) => isUnder(host, named))
  })
}

function isUnder(host: string, patterns: ReadonlySet<string>): boolean {
  return hostPatterns(host).some((pattern) => patterns.has(pattern))
}

/** The keys of the routes whose companion, or its Middleware, has this name. */
export function routeKeysOfCompanion(
  { routes }: IndexState,
  namespace: string,
  name: string,
): readonly string[] {
  const found = routeOfCompanion(name)
  if (found === undefined) return []
  if (found !== 'cut') return [`IngressRoute ${namespace}/${found.route}`]
  return [...routes.keysOfCutCompanion(namespace, name)]
}

/** The keys of the routes that may be free, or not any more, when the route of this key changes: those that an
 * IngressRouteTCP serves hosts of, and the one whose companion it is called like. */
export function neighbours(state: IndexState, key: string): readonly string[] {
  const route = state.routes.get(key)?.route
  if (route === undefined) return []
  const { namespace, name } = route.metadata
  return [...routeKeysOfTcp(state, route), ...routeKeysOfCompanion(state, namespace, name)]
}

/** The keys of the routes with a host that an IngressRouteTCP serves. */
function routeKeysOfTcp({ routes }: IndexState, tcp: Route): readonly string[] {
  const { namespace } = tcp.metadata
  const hosts = tlsHosts(tcp)
  if (hosts.some((host) => host.startsWith('*'))) return [...routes.keys(namespace)]
  return hosts.flatMap(hostPatterns).flatMap((host) => [...routes.keysOfHost(namespace, host)])
}
