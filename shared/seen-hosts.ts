import { parseDnsName } from './dns-name.ts'
import { isJsonObject, NONE, NOTHING, objectsAt, textsAt } from './json.ts'
import { parseMeta, type ObjectMeta } from './kube/object.ts'
import { normalHost } from './traefik/hosts.ts'
import type { Route } from './traefik/route.ts'
import { ruleHosts } from './traefik/rule-hosts.ts'

/** Every host that a route names, in its rules or its own list, whatever is decided about it: who serves a host
 * without a certificate of ours holds it none the less. */
export function seenHosts(route: Route): readonly string[] {
  const listed = (route.spec.tls?.domains ?? []).map(({ name }) => normalHost(name))
  return namesIn([...ruleHosts(route).flatMap(({ hosts }) => hosts), ...listed])
}

/** The slice of an Ingress that tlsauto reads: the hosts that it serves over TLS. */
export type Ingress = {
  readonly apiVersion: string
  readonly kind: 'Ingress'
  readonly metadata: ObjectMeta
  readonly hosts: readonly string[]
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
  }
}

function namesIn(hosts: readonly string[]): readonly string[] {
  const names = hosts.filter((host) => parseDnsName(host).kind === 'name')
  return names.length < 2 ? names : [...new Set(names)]
}
