import { ALT_NAMES, COMMON_NAME } from '../certmanager/annotations/spec-annotations.ts'
import { parseDnsName } from '../names/dns-name.ts'
import { isJsonObject, NONE, NOTHING, objectsAt, textsAt } from '../json/json.ts'
import { parseMeta, type ObjectMeta } from '../kube/object.ts'
import { normalHost } from '../traefik/hosts.ts'
import type { Route } from '../traefik/route.ts'
import { routeReach } from '../traefik/rule-reach.ts'

/** Every host that a route names, in its rules, its own list, or what its annotations add, whatever is decided about
 * it: who serves a host without a certificate of ours holds it none the less. Of a rule that only we can't read, as
 * one with a matcher of a newer Traefik, those that can be read. */
export function seenHosts(route: Route): readonly string[] {
  const listed = (route.spec.tls?.domains ?? []).map(({ name }) => normalHost(name))
  return namesIn([
    ...routeReach(route).rules.flatMap(({ hosts }) => hosts),
    ...listed,
    ...addedNames(route),
  ])
}

/** Names that a route's annotations ask for beside its hosts. */
export function addedNames({ metadata: { annotations } }: Route): readonly string[] {
  return [ALT_NAMES, COMMON_NAME]
    .flatMap((key) => annotations[key]?.split(',') ?? [])
    .map((name) => normalHost(name.trim()))
}

/** The slice of an Ingress that tlsauto reads: the hosts that it serves over TLS. */
export type Ingress = {
  readonly apiVersion: string
  readonly kind: 'Ingress'
  readonly metadata: ObjectMeta
  readonly hosts: readonly string[]
  /** Whether they could not be kept. */
  readonly isCut: boolean
}

/** Reads an Ingress from JSON, or undefined when it is none. */
export function parseIngress(value: unknown): Ingress | undefined {
  if (!isJsonObject(value)) return undefined
  const metadata = parseMeta(value['metadata'])
  if (metadata === undefined) return undefined
  const spec = value['spec']
  const tls = isJsonObject(spec) ? objectsAt(spec, 'tls', (one) => textsAt(one, 'hosts')) : NONE
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...metadata, annotations: NOTHING, labels: NOTHING, managedFields: NONE },
    hosts: namesIn(tls.flat().map(normalHost)),
    isCut: false,
  }
}

function namesIn(hosts: readonly string[]): readonly string[] {
  const names = hosts.filter((host) => parseDnsName(host).kind === 'name')
  return names.length < 2 ? names : [...new Set(names)]
}
