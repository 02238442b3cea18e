import type { Verdict } from './decide.ts'
import type { Finding } from '../findings/reasons.ts'
import { kindKeyOf } from '../kube/object.ts'
import { createMultimap } from '../json/multimap.ts'
import { isOurTls } from './our-choice.ts'
import type { ClusterSettings } from '../settings/settings.ts'
import { effectiveEntryPoints } from './entry-points.ts'
import { hostPatterns } from '../traefik/host-patterns.ts'
import type { Route } from '../traefik/route.ts'
import { ruleHosts } from '../traefik/rule-hosts.ts'

/** The hosts that IngressRouteTCPs serve over TLS. */
export type TcpServices = {
  put(route: Route): void
  remove(route: Route): void
  /** The first of these hosts that HTTPS on a route takes, or would take, away from an IngressRouteTCP of
   * its namespace, or undefined. Where a route has `tls` by its user's will, that will counts; where it
   * has ours, who came first. */
  servedBy(route: Route, hosts: readonly string[]): string | undefined
}

/** None yet. Traefik prefers an HTTPS router that names a host to every TCP router
 * (pkg/server/router/tcp/router.go, ServeTCP), so that adding TLS to a plain route would end the
 * TCP service. Those of other namespaces don't count: nobody keeps a host from its owner with one. */
export function createTcpServices(cluster: ClusterSettings): TcpServices {
  const byHost = createMultimap<string, Route>()
  const linked = new Map<string, { readonly route: Route; readonly keys: readonly string[] }>()
  const remove = (route: Route): void => {
    const key = kindKeyOf(route)
    const known = linked.get(key)
    known?.keys.forEach((host) => byHost.remove(host, known.route))
    linked.delete(key)
  }
  return {
    put: (route) => {
      remove(route)
      const { namespace } = route.metadata
      const keys = tlsHosts(route)
        .flatMap((host) => [host, below(hostPatterns(host)[1])])
        .map((host) => `${namespace}/${host}`)
      keys.forEach((key) => byHost.add(key, route))
      if (keys.length > 0) linked.set(kindKeyOf(route), { route, keys })
    },
    remove,
    servedBy: (route, hosts) => {
      if (linked.size === 0 || route.kind !== 'IngressRoute') return undefined
      const isAttached = route.spec.tls !== undefined
      if (isAttached && !isOurTls(route)) return undefined
      const entryPoints = new Set(effectiveEntryPoints(route, cluster))
      const meets = (other: Route): boolean =>
        (!isAttached || cameFirst(other, route)) &&
        effectiveEntryPoints(other, cluster).some((name) => entryPoints.has(name))
      return hosts.find((host) =>
        [...hostPatterns(host), '*', below(host)].some((pattern) =>
          [...byHost.get(`${route.metadata.namespace}/${pattern}`)].some(meets),
        ),
      )
    },
  }
}

/** The verdict about a route among the IngressRouteTCPs of its namespace. */
export function besideTcp(
  verdict: Verdict,
  route: Route,
  servedBy: TcpServices['servedBy'],
): Verdict {
  if (verdict.kind === 'unmanaged') return verdict
  const host = servedBy(route, verdict.hosts)
  if (host === undefined) return verdict
  const finding: Finding = { reason: 'ServedByTCP', path: 'spec.routes', about: host }
  return { kind: 'unmanaged', reason: finding.reason, findings: [finding] }
}

/** In the same second the TCP service is given the benefit: what it loses it loses at once. */
function cameFirst(tcp: Route, { metadata }: Route): boolean {
  return tcp.metadata.creationTimestamp <= metadata.creationTimestamp
}

/** Where the hosts are found that a wildcard covers. */
function below(wildcard: string): string {
  return `below ${wildcard}`
}

/** The hosts, wildcards and `*` of a TCP route's rules; none without `tls`. */
export function tlsHosts(route: Route): readonly string[] {
  if (route.kind !== 'IngressRouteTCP' || route.spec.tls === undefined) return []
  return ruleHosts(route).flatMap(({ hosts }) => hosts)
}
