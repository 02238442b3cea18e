import {
  isJsonObject,
  listAt,
  NOTHING,
  objectAt,
  objectsAt,
  stringsAt,
  textAt,
  textsAt,
  type JsonObject,
} from '../json/json.ts'
import { parseMeta, type ObjectMeta } from '../kube/object.ts'

export const TRAEFIK_API = 'traefik.io/v1alpha1'

/** The kinds of routes that can have certificates; of an IngressRouteUDP there is nothing to encrypt. */
export const ROUTE_KINDS = ['IngressRoute', 'IngressRouteTCP'] as const
export type RouteKind = (typeof ROUTE_KINDS)[number]

/** The slice of a Traefik IngressRoute or IngressRouteTCP that tlsauto reads; absent lists are empty,
 * and empty text is absent, as Traefik's Go types read them. */
export type Route = {
  readonly apiVersion: string
  readonly kind: RouteKind
  readonly metadata: ObjectMeta
  /** The size of all its annotations, those too that are not kept. */
  readonly annotationBytes: number
  /** Whether its rules are not there, since they took more memory than its namespace may. */
  readonly isCut: boolean
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
  /** Without any it is a parent router, whose children serve. */
  readonly hasServices: boolean
  /** All of it, as it came. */
  readonly source: JsonObject
}

/** `spec.tls`; a null one counts as absent. */
export type RouteTls = {
  readonly secretName: string | undefined
  readonly certResolver: string | undefined
  readonly hasOptions: boolean
  /** TLS goes through to the service, which has a certificate of its own (IngressRouteTCP alone). */
  readonly passthrough: boolean
  /** The names that the user lists himself, each with its field's path. */
  readonly domains: readonly ListedDomain[]
}

/** One name of `spec.tls.domains`. */
export type ListedDomain = { readonly path: string; readonly name: string }

/** Whether an object is of a kind that can have certificates. */
export function isRouteKind(kind: unknown): kind is RouteKind {
  return ROUTE_KINDS.some((one) => one === kind)
}

/** Reads a route from JSON, or undefined when it is none: another kind or group, or a shape that
 * Traefik's schema refuses (admission sees objects before the API server validates them). */
export function parseRoute(value: unknown): Route | undefined {
  if (!isJsonObject(value) || value['apiVersion'] !== TRAEFIK_API) return undefined
  const kind = value['kind']
  const metadata = parseMeta(value['metadata'])
  const spec = value['spec']
  if (!isRouteKind(kind) || metadata === undefined || !isJsonObject(spec)) return undefined
  if (!isTls(spec['tls'])) return undefined
  return {
    apiVersion: TRAEFIK_API,
    kind,
    metadata: slimMetadata(metadata),
    annotationBytes: sizeOf(stringsAt(objectAt(value, 'metadata'), 'annotations')),
    isCut: false,
    spec: {
      entryPoints: textsAt(spec, 'entryPoints'),
      ingressClassName: textAt(spec, 'ingressClassName'),
      hasParents: listAt(spec, 'parentRefs').length > 0,
      routes: objectsAt(spec, 'routes', parseEntry),
      tls: isJsonObject(spec['tls']) ? parseTls(spec['tls']) : undefined,
    },
  }
}

/** Of ten thousand routes only what is asked for is kept: who owns fields of `spec.tls`, or our own note among
 * the annotations. */
function slimMetadata(metadata: ObjectMeta): ObjectMeta {
  return {
    ...metadata,
    managedFields: metadata.managedFields.flatMap(({ manager, fieldsV1 }) => {
      const noted = part(objectAt(fieldsV1, 'f:metadata'), 'f:annotations', 'f:tlsauto.dev/holds')
      const fields = {
        ...(Object.keys(noted).length === 0 ? NOTHING : { 'f:metadata': noted }),
        ...part(fieldsV1, 'f:spec', 'f:tls'),
      }
      return Object.keys(fields).length === 0 ? [] : [{ manager, fieldsV1: fields }]
    }),
  }
}

/** Bytes of keys and values together, as the API server counts them. */
function sizeOf(annotations: Readonly<Record<string, string>>): number {
  return Object.entries(annotations).reduce((sum, entry) => sum + annotationSize(...entry), 0)
}

/** What one annotation counts. */
export function annotationSize(key: string, value: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value)
}

function part(fields: JsonObject, parent: string, key: string): JsonObject {
  const value = objectAt(fields, parent)[key]
  return value === undefined ? {} : { [parent]: { [key]: value } }
}

/** Where tlsauto adds something, it must not cover up what the schema refuses. */
function isTls(value: unknown): boolean {
  if (!isJsonObject(value)) return isAbsent(value)
  const { secretName, options } = value
  const named = isJsonObject(options) ? typeof options['name'] === 'string' : isAbsent(options)
  return named && (isAbsent(secretName) || typeof secretName === 'string')
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

function parseEntry(entry: JsonObject): RouteEntry {
  return {
    match: textAt(entry, 'match') ?? '',
    syntax: textAt(entry, 'syntax'),
    hasServices: listAt(entry, 'services').length > 0,
    source: entry,
  }
}

function parseTls(tls: JsonObject): RouteTls {
  return {
    secretName: textAt(tls, 'secretName'),
    certResolver: textAt(tls, 'certResolver'),
    hasOptions: textAt(objectAt(tls, 'options'), 'name') !== undefined,
    passthrough: tls['passthrough'] === true,
    domains: listAt(tls, 'domains').flatMap((domain, index) =>
      isJsonObject(domain) ? listedDomains(domain, `spec.tls.domains[${index}]`) : [],
    ),
  }
}

function listedDomains(domain: JsonObject, path: string): readonly ListedDomain[] {
  const listed = [
    { path: `${path}.main`, name: domain['main'] },
    ...listAt(domain, 'sans').map((name, index) => ({ path: `${path}.sans[${index}]`, name })),
  ]
  return listed.filter(
    (one): one is ListedDomain => typeof one.name === 'string' && one.name !== '',
  )
}
