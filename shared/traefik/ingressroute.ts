import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../json.ts'
import { parseMeta, type ObjectMeta } from '../kube/object.ts'

export const TRAEFIK_API = 'traefik.io/v1alpha1'

/** The slice of a Traefik IngressRoute that tlsauto reads; absent lists are empty, and empty text is
 * absent, as Traefik's Go types read them. */
export type IngressRoute = {
  readonly apiVersion: string
  readonly kind: 'IngressRoute'
  readonly metadata: ObjectMeta
  readonly spec: {
    readonly entryPoints: readonly string[]
    readonly ingressClassName: string | undefined
    readonly hasParents: boolean
    readonly routes: readonly RouteEntry[]
    readonly tls: RouteTls | undefined
  }
}

/** One entry of `spec.routes`. */
export type RouteEntry = {
  readonly match: string
  readonly syntax: string | undefined
}

/** `spec.tls`; a null one counts as absent. */
export type RouteTls = {
  readonly secretName: string | undefined
  readonly certResolver: string | undefined
  readonly hasOptions: boolean
}

/** Reads an IngressRoute from JSON, or undefined when it is none: another kind or group, or a shape
 * that Traefik's schema refuses (admission sees objects before the API server validates them). */
export function parseIngressRoute(value: unknown): IngressRoute | undefined {
  if (!isJsonObject(value) || value['kind'] !== 'IngressRoute') return undefined
  if (value['apiVersion'] !== TRAEFIK_API) return undefined
  const metadata = parseMeta(value['metadata'])
  const spec = value['spec']
  if (metadata === undefined || !isJsonObject(spec)) return undefined
  return {
    apiVersion: TRAEFIK_API,
    kind: 'IngressRoute',
    metadata,
    spec: {
      entryPoints: listAt(spec, 'entryPoints').filter((name) => typeof name === 'string'),
      ingressClassName: textAt(spec, 'ingressClassName'),
      hasParents: listAt(spec, 'parentRefs').length > 0,
      routes: listAt(spec, 'routes').filter(isJsonObject).map(parseEntry),
      tls: isJsonObject(spec['tls']) ? parseTls(spec['tls']) : undefined,
    },
  }
}

function parseEntry(entry: JsonObject): RouteEntry {
  return { match: textAt(entry, 'match') ?? '', syntax: textAt(entry, 'syntax') }
}

function parseTls(tls: JsonObject): RouteTls {
  return {
    secretName: textAt(tls, 'secretName'),
    certResolver: textAt(tls, 'certResolver'),
    hasOptions: textAt(objectAt(tls, 'options'), 'name') !== undefined,
  }
}
