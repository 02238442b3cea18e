import { isDeepStrictEqual } from 'node:util'
import { NONE, NOTHING, type JsonObject } from '../../../shared/json/json.ts'
import { ownerReference, parseMeta, type KubeObject } from '../../../shared/kube/object.ts'
import { companionName } from '../../../shared/names/names.ts'
import { OUR_LABELS } from '../../../shared/kube/ours.ts'
import { TRAEFIK_API, type Route } from '../../../shared/traefik/route.ts'
import { hasOwners } from './action.ts'

/** The slice of a Middleware that tlsauto reads. */
export type Middleware = KubeObject & {
  /** Whether it redirects to HTTPS as ours do. */
  readonly isRedirect: boolean
}

/** 302: a permanent answer would outlive us in browsers. */
const SPEC = { redirectScheme: { scheme: 'https', permanent: false } }

/** Reads a Middleware from JSON, or undefined when it has no metadata. */
export function parseMiddleware(value: JsonObject): Middleware | undefined {
  const metadata = parseMeta(value['metadata'])
  if (metadata === undefined) return undefined
  const isRedirect = isDeepStrictEqual(value['spec'], SPEC)
  return {
    apiVersion: TRAEFIK_API,
    kind: 'Middleware',
    // Ours have one owner, and no annotations: of a stranger's enough is kept to tell it from them.
    metadata: {
      ...metadata,
      annotations: NOTHING,
      ownerReferences: metadata.ownerReferences.slice(0, 2),
      managedFields: NONE,
    },
    isRedirect,
  }
}

/** The Middleware that a route's companion redirects with. */
export function redirectMiddleware(route: Route): JsonObject {
  return {
    apiVersion: TRAEFIK_API,
    kind: 'Middleware',
    metadata: {
      namespace: route.metadata.namespace,
      name: companionName(route.metadata.name),
      labels: OUR_LABELS,
      ownerReferences: [ownerReference(route)],
    },
    spec: SPEC,
  }
}

/** Whether a stored one is as it should be. */
export function isMiddlewareAsDesired({ metadata, isRedirect }: Middleware, route: Route): boolean {
  return isRedirect && hasOwners(metadata, [route])
}
