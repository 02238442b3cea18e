import type { Verdict } from './decide.ts'
import { byAge, kindKeyOf } from './kube/object.ts'
import { createMultimap } from './multimap.ts'
import { heldHosts } from './our-choice.ts'
import { isOurs } from './ours.ts'
import { allowedDomainsOf, type NamespaceSettings } from './settings.ts'
import { hostPatterns } from './traefik/host-patterns.ts'
import type { Route } from './traefik/route.ts'
import { ruleHosts } from './traefik/rule-hosts.ts'

/** Which namespace every host of the cluster belongs to. */
export type HostHolders = {
  /** undefined: the namespace is gone. */
  setNamespace(name: string, settings: NamespaceSettings | undefined): void
  putRoute(route: Route, verdict: Verdict): void
  removeRoute(route: Route): void
  /** The namespace that a host belongs to: the only one whose allowed-domains name it; else that of the
   * route on which tlsauto noted that it holds it; else that of the oldest Certificate of ours for it;
   * else that of the oldest route, managed or not. */
  holderOf(host: string): string | undefined
  /** Whether a note on a route is what keeps a host for its namespace: others serve it too, and no
   * allowed-domains decide. */
  needsNote(host: string): boolean
  /** The routes of other namespaces that serve a host of this one, too. */
  rivalsOf(route: Route): readonly Route[]
  /** The routes of all namespaces that serve a host which a pattern of allowed-domains names. */
  routesUnder(pattern: string): Iterable<Route>
}

/** Nobody holds anything yet. */
export function createHostHolders(
  ofCertificate: (host: string) => string | undefined,
): HostHolders {
  const patterns = new Map<string, readonly string[]>()
  const allowing = createMultimap<string, string>()
  const hosts = new Map<string, { readonly route: Route; readonly hosts: readonly string[] }>()
  const serving = createMultimap<string, Route>()
  const below = createMultimap<string, Route>()

  const link = (route: Route, served: readonly string[], change: 'add' | 'remove'): void => {
    for (const host of served) {
      serving[change](host, route)
      below[change](hostPatterns(host)[1], route)
    }
  }

  const removeRoute = (route: Route): void => {
    const known = hosts.get(kindKeyOf(route))
    if (known !== undefined) link(known.route, known.hosts, 'remove')
    hosts.delete(kindKeyOf(route))
  }

  const onlyAllowed = (host: string): string | undefined => {
    const names = new Set(hostPatterns(host).flatMap((pattern) => [...allowing.get(pattern)]))
    return names.size === 1 ? [...names][0] : undefined
  }

  return {
    setNamespace: (name, settings) => {
      patterns.get(name)?.forEach((pattern) => allowing.remove(pattern, name))
      const allowed = settings === undefined ? [] : [...allowedDomainsOf(settings)]
      allowed.forEach((pattern) => allowing.add(pattern, name))
      if (allowed.length === 0) patterns.delete(name)
      else patterns.set(name, allowed)
    },
    putRoute: (route, verdict) => {
      removeRoute(route)
      const served = servedHosts(route, verdict)
      link(route, served, 'add')
      if (served.length > 0) hosts.set(kindKeyOf(route), { route, hosts: served })
    },
    removeRoute,
    holderOf: (host) => {
      const only = onlyAllowed(host)
      if (only !== undefined) return only
      const routes = [...serving.get(host)].sort(byAge)
      const noted = routes.find((route) => heldHosts(route).includes(host))
      if (noted !== undefined) return noted.metadata.namespace
      return ofCertificate(host) ?? routes[0]?.metadata.namespace
    },
    needsNote: (host) => {
      const namespaces = new Set(Array.from(serving.get(host), (route) => route.metadata.namespace))
      return namespaces.size > 1 && onlyAllowed(host) === undefined
    },
    rivalsOf: (route) =>
      (hosts.get(kindKeyOf(route))?.hosts ?? [])
        .flatMap((host) => [...serving.get(host)])
        .filter((other) => other.metadata.namespace !== route.metadata.namespace),
    routesUnder: (pattern) => (pattern.startsWith('*') ? below.get(pattern) : serving.get(pattern)),
  }
}

/** Every host that a route serves, whoever has its certificate; what is ours serves none of its own. */
function servedHosts(route: Route, verdict: Verdict): readonly string[] {
  if (verdict.kind === 'managed') return verdict.hosts
  if (isOurs(route)) return []
  return ruleHosts(route).flatMap((rule) => rule.hosts)
}
