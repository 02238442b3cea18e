import type { JsonObject } from '../../shared/json/json.ts'
import type { RouteKind } from '../../shared/traefik/route.ts'

export type RouteInput = {
  readonly kind?: RouteKind
  readonly namespace: string
  readonly name: string
  /** One entry of `spec.routes` for each match. */
  readonly rules: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  /** What else `spec` says. */
  readonly spec?: JsonObject
}

/** An IngressRoute, or an IngressRouteTCP, as a user writes it; its backend is the Service `web`. */
export function routeManifest(input: RouteInput): JsonObject {
  const { kind = 'IngressRoute', namespace, name, rules, annotations, spec } = input
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind,
    metadata: { namespace, name, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      routes: rules.map((match) => ({
        ...(kind === 'IngressRoute' ? { kind: 'Rule' } : {}),
        match,
        services: [{ name: 'web', port: 8080 }],
      })),
      ...spec,
    },
  }
}
