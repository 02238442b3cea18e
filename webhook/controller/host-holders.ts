import type { Verdict } from '../../shared/decide.ts'
import { byAge, kindKeyOf } from '../../shared/kube/object.ts'
import { createMultimap } from '../../shared/multimap.ts'
import { allowedDomainsOf, type NamespaceSettings } from '../../shared/settings.ts'
import { hostPatterns } from '../../shared/traefik/host-patterns.ts'
import type { Route } from '../../shared/traefik/route.ts'
import { ruleHosts } from '../../shared/traefik/rule-hosts.ts'

/** Which namespace every host of the cluster belongs to. */
export type HostHolders = {
  /** undefined: the namespace is gone. */
  setNamespace(name: string, settings: NamespaceSettings | undefined): void
  putRoute(route: Route, verdict: Verdict): void
  removeRoute(route: Route): void
  /** The namespace that a host belongs to: the only one whose allowed-domains name it; else that of the
   * oldest Certificate of ours for it; else that of the oldest route, managed or not. */
  holderOf(host: string): string | undefined
}

/** Nobody holds anything yet. */
export function createHostHolders(
  ofCertificate: (host: string) => string | undefined,
): HostHolders {
  const patterns = new Map<string, readonly string[]>()
  const allowing = createMultimap<string, string>()
  const hosts = new Map<string, { readonly route: Route; readonly hosts: readonly string[] }>()
  const serving = createMultimap<string, Route>()

  const removeRoute = (route: Route): void => {
    const known = hosts.get(kindKeyOf(route))
    known?.hosts.forEach((host) => serving.remove(host, known.route))
    hosts.delete(kindKeyOf(route))
  }

  return {
    setNamespace: (name, settings) => {
      patterns.get(name)?.forEach((pattern) => allowing.remove(pattern, name))
      const allowed = settings === undefined ? [] : allowedDomainsOf(settings)
      allowed.forEach((pattern) => allowing.add(pattern, name))
      if (allowed.length === 0) patterns.delete(name)
      else patterns.set(name, allowed)
    },
    putRoute: (route, verdict) => {
      removeRoute(route)
      const served = servedHosts(route, verdict)
      served.forEach((host) => serving.add(host, route))
      if (served.length > 0) hosts.set(kindKeyOf(route), { route, hosts: served })
    },
    removeRoute,
    holderOf: (host) => {
      const names = new Set(hostPatterns(host).flatMap((pattern) => [...allowing.get(pattern)]))
      if (names.size === 1) return [...names][0]
      return ofCertificate(host) ?? [...serving.get(host)].sort(byAge)[0]?.metadata.namespace
    },
  }
}

/** Every host that a route serves, whoever has its certificate; a carrier serves none. */
function servedHosts(route: Route, verdict: Verdict): readonly string[] {
  if (verdict.kind === 'managed') return verdict.hosts
  return ruleHosts(route).flatMap((rule) => rule.hosts)
}
