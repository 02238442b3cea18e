import type { Finding, Reason } from '../findings/reasons.ts'
import { isOurTls } from './our-choice.ts'
import type { ClusterSettings, Settings } from '../settings/settings.ts'
import { effectiveEntryPoints } from './entry-points.ts'
import type { Route } from '../traefik/route.ts'

/** The HTTP entry points on which a route answers without TLS, or would without ours: Traefik answers
 * a route with `tls` over HTTPS only. None where its user set `tls` himself. */
export function plainEntryPoints(route: Route, cluster: ClusterSettings): readonly string[] {
  if (route.kind !== 'IngressRoute') return []
  if (route.spec.tls !== undefined && !isOurTls(route)) return []
  const entryPoints = effectiveEntryPoints(route, cluster)
  return entryPoints.filter((name) => cluster.httpEntryPoints.includes(name))
}

/** Whether a companion shall answer plain HTTP in the place of a route with our `tls`. */
export function wantsCompanion(route: Route, settings: Settings): boolean {
  return settings.http !== 'off' && plainEntryPoints(route, settings.cluster).length > 0
}

/** Why plain HTTP can't go on in a companion beside HTTPS, so that TLS must not be added: a router
 * whose children serve, or a rule that a newer Traefik may understand and we don't (`findings` say so).
 * A malformed rule serves nobody anyway. */
export function obstacleToCompanion(
  route: Route,
  findings: readonly Finding[],
): Finding | undefined {
  const parent = route.spec.routes.findIndex((entry) => !entry.hasServices)
  if (parent >= 0) {
    return { reason: 'ParentRouter', path: `spec.routes[${parent}]`, about: '' }
  }
  const strange = findings.find(({ reason }) => STRANGE.has(reason))
  return strange && { reason: 'StrangeRouter', path: strange.path, about: '' }
}

const STRANGE: ReadonlySet<Reason> = new Set<Reason>(['UnknownMatcher', 'RuleTooDeep'])
