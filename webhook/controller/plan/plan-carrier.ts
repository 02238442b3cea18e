import { isDeepStrictEqual } from 'node:util'
import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { DesiredCertificate } from '../../../shared/certificates/desired.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { isOurs } from '../../../shared/kube/ours.ts'
import { TRAEFIK_API, type Route } from '../../../shared/traefik/route.ts'
import { classOf } from './route-class.ts'
import { hasOwners, metadataOf, notes, remove, type Action } from './action.ts'

/** A carrier brings a Certificate's Secret into Traefik's pool. It is there once there is something
 * to carry, and then for as long as a route that serves the host does not name the Secret itself. */
export function planCarrier(
  desired: DesiredCertificate,
  observed: {
    readonly certificate: Certificate | undefined
    readonly carrier: Route | undefined
  },
): readonly Action[] {
  const { certificate, carrier } = observed
  const carried = desired.owners.some((route) => route.spec.tls?.secretName !== desired.secretName)
  if (!carried) {
    return carrier !== undefined && isOurs(carrier)
      ? [remove('ingressRoutes', carrier.metadata)]
      : []
  }
  if (carrier === undefined) {
    return certificate?.status.notAfter === undefined ? [] : [applyCarrier(desired, undefined)]
  }
  if (!isOurs(carrier)) return notes(desired, 'CarrierTaken', desired.name)
  return isCarrierAsDesired(carrier, desired) ? [] : [applyCarrier(desired, carrier)]
}

function applyCarrier(desired: DesiredCertificate, carrier: Route | undefined): Action {
  const object = carrierObject(desired, carrier)
  return { kind: 'apply', resource: 'ingressRoutes', object, force: carrier !== undefined }
}

function isCarrierAsDesired(carrier: Route, desired: DesiredCertificate): boolean {
  return (
    carrier.spec.tls?.secretName === desired.secretName &&
    isDeepStrictEqual(classOf(carrier), classOf(desired.owners[0])) &&
    hasOwners(carrier.metadata, desired.owners)
  )
}

function carrierObject(desired: DesiredCertificate, carrier: Route | undefined): JsonObject {
  const { spec, metadata } = classOf(desired.owners[0])
  return {
    apiVersion: TRAEFIK_API,
    kind: 'IngressRoute',
    metadata: { ...metadataOf(desired, carrier), ...metadata },
    spec: { ...spec, routes: [], tls: { secretName: desired.secretName } },
  }
}
