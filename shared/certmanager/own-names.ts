import { listAt, textAt, type JsonObject } from '../json.ts'
import { normalHost } from '../traefik/hosts.ts'
import type { ManagedRoute } from './desired.ts'

/** A route without the names that belong to another namespace: of its hosts, and of those that its
 * annotations add, since a certificate for a name is a certificate for it wherever it was asked for. */
export function withOwnNames(
  managed: ManagedRoute,
  isHeldElsewhere: (host: string) => boolean,
): ManagedRoute {
  const { route, settings, verdict } = managed
  const { spec } = settings
  return {
    route,
    settings: { ...settings, spec: { ...spec, primary: ownFields(spec.primary, isHeldElsewhere) } },
    verdict: { ...verdict, hosts: verdict.hosts.filter((host) => !isHeldElsewhere(host)) },
  }
}

function ownFields(fields: JsonObject, isHeldElsewhere: (host: string) => boolean): JsonObject {
  const isOwn = (name: string): boolean => !isHeldElsewhere(normalHost(name))
  const { dnsNames: _, commonName: __, ...others } = fields
  const dnsNames = listAt(fields, 'dnsNames').map(String).filter(isOwn)
  const commonName = textAt(fields, 'commonName')
  return {
    ...others,
    ...(dnsNames.length === 0 ? {} : { dnsNames }),
    ...(commonName === undefined || !isOwn(commonName) ? {} : { commonName }),
  }
}
