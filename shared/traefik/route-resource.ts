import { RESOURCES, type Resource } from '../kube/resources.ts'
import type { RouteKind } from './route.ts'

/** Where the API server has the routes of a kind. */
export function routeResource(kind: RouteKind): Resource {
  return kind === 'IngressRoute' ? RESOURCES.ingressRoutes : RESOURCES.ingressRouteTCPs
}
