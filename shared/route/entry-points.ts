import type { ClusterSettings } from '../settings/settings.ts'
import type { Route } from '../traefik/route.ts'

/** The entry points that Traefik puts a route on. */
export function effectiveEntryPoints(route: Route, cluster: ClusterSettings): readonly string[] {
  const named = route.spec.entryPoints
  return named.length > 0 ? named : cluster.defaultEntryPoints
}
