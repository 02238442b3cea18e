import { isDeepStrictEqual } from 'node:util'
import { CERT_MANAGER_API, type Certificate } from '../../shared/certmanager/certificate.ts'
import type { DesiredCertificate } from '../../shared/certmanager/desired.ts'
import type { Verdict } from '../../shared/decide.ts'
import { isMistake } from '../../shared/findings/reasons.ts'
import type { JsonObject } from '../../shared/json.ts'
import type { Preconditions } from '../../shared/kube/kube-client.ts'
import {
  ownerReference,
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
} from '../../shared/kube/object.ts'
import { isOurs, OUR_LABELS } from '../../shared/ours.ts'
import { TRAEFIK_API, type IngressRoute } from '../../shared/traefik/ingressroute.ts'
import type { EventNote } from './event-notes.ts'

/** One thing to do to the cluster. */
export type Action =
  | {
      readonly kind: 'apply'
      readonly resource: 'certificates' | 'routes'
      readonly object: JsonObject
      /** Over other managers' fields: only where the object is known to be ours. */
      readonly force: boolean
    }
  | {
      readonly kind: 'delete'
      readonly resource: 'certificates' | 'routes'
      readonly namespace: string
      readonly name: string
      readonly preconditions: Preconditions
    }
  | { readonly kind: 'event'; readonly note: EventNote }

/** What there is. `route` gives any IngressRoute by its name, ours or not. */
export type Observed = {
  readonly certificate: (name: string) => Certificate | undefined
  readonly route: (name: string) => IngressRoute | undefined
  /** What was decided about a route. */
  readonly verdict: (name: string) => Verdict | undefined
}

/** What brings one desired Certificate about, and its carrier: nothing where all is right. */
export function planCertificate(
  desired: DesiredCertificate,
  observed: Observed,
): readonly Action[] {
  const certificate = observed.certificate(desired.name)
  if (certificate !== undefined && !isOurs(certificate)) {
    return notes(desired, 'NameTaken', desired.name)
  }
  return [
    ...planOrder(desired, certificate),
    ...planCarrier(desired, { certificate, carrier: observed.route(desired.name) }),
  ]
}

/** What becomes of a Certificate of ours that no route needs, and of its carrier, also where only one
 * of them is left: they go, the Secret stays. */
export function planLeftover(name: string, observed: Observed): readonly Action[] {
  const certificate = observed.certificate(name)
  const carrier = observed.route(name)
  if ([certificate, carrier].some((one) => one !== undefined && isHeld(one, observed))) return []
  return [
    ...(certificate === undefined ? [] : planLeftoverCertificate(certificate, observed)),
    ...(carrier !== undefined && canGo(carrier) ? [remove('routes', carrier.metadata)] : []),
  ]
}

function planLeftoverCertificate(certificate: Certificate, observed: Observed): readonly Action[] {
  if (!canGo(certificate)) return []
  const { metadata } = certificate
  const isThere = (owner: OwnerReference): boolean =>
    observed.route(owner.name)?.metadata.uid === owner.uid
  return [
    remove('certificates', metadata),
    ...metadata.ownerReferences.filter(isThere).map((owner): Action => {
      const on = { ...owner, namespace: metadata.namespace }
      return { kind: 'event', note: { on, reason: 'CertificateDeleted', about: metadata.name } }
    }),
  ]
}

/** Whether one of its routes still counts on it: names its Secret, which nobody would renew any more, or
 * can't be understood for a mistake, which must cost nobody a certificate. */
function isHeld(object: Certificate | IngressRoute, observed: Observed): boolean {
  return object.metadata.ownerReferences.some((owner) => {
    const route = observed.route(owner.name)
    const verdict = observed.verdict(owner.name)
    if (route?.metadata.uid !== owner.uid) return false
    const reason = verdict?.kind === 'unmanaged' ? verdict.reason : undefined
    if (reason === 'HostNotAllowed') return false
    return namesIssued(route, object) || (reason !== undefined && isMistake(reason))
  })
}

function namesIssued(route: IngressRoute, object: Certificate | IngressRoute): boolean {
  if (object.kind !== 'Certificate' || object.status.notAfter === undefined) return false
  return route.spec.tls?.secretName === object.spec.secretName
}

/** What has no route among its owners was not made by us, whatever its label says. */
function canGo(object: KubeObject): boolean {
  const { ownerReferences, deletionTimestamp } = object.metadata
  return isOurs(object) && ownerReferences.some(isRoute) && deletionTimestamp === undefined
}

function planOrder(
  desired: DesiredCertificate,
  certificate: Certificate | undefined,
): readonly Action[] {
  if (certificate !== undefined && isAsDesired(certificate, desired)) return []
  const apply: Action = {
    kind: 'apply',
    resource: 'certificates',
    object: certificateObject(desired, certificate),
    force: certificate !== undefined,
  }
  if (certificate !== undefined) return [apply]
  return [apply, ...notes(desired, 'CertificateCreated', aboutOrder(desired))]
}

function aboutOrder(desired: DesiredCertificate): string {
  const { name, dnsNames, issuerRef } = desired
  return `${name} for ${dnsNames.join(', ')} from ${issuerRef.kind} ${issuerRef.name}`
}

function isAsDesired(certificate: Certificate, desired: DesiredCertificate): boolean {
  const { metadata, spec } = certificate
  return (
    spec.secretName === desired.secretName &&
    isDeepStrictEqual(spec.issuerRef, desired.issuerRef) &&
    isDeepStrictEqual(new Set(spec.dnsNames), new Set<string>(desired.dnsNames)) &&
    spec.dnsNames.length === desired.dnsNames.length &&
    hasOwners(metadata, desired.owners)
  )
}

function certificateObject(
  desired: DesiredCertificate,
  certificate: Certificate | undefined,
): JsonObject {
  const { secretName, dnsNames, issuerRef } = desired
  return {
    apiVersion: CERT_MANAGER_API,
    kind: 'Certificate',
    metadata: metadataOf(desired, certificate),
    spec: { secretName, dnsNames, issuerRef },
  }
}

/** A carrier brings a Certificate's Secret into Traefik's pool. It is there once there is something
 * to carry, and then for as long as a route that serves the host does not name the Secret itself. */
function planCarrier(
  desired: DesiredCertificate,
  observed: {
    readonly certificate: Certificate | undefined
    readonly carrier: IngressRoute | undefined
  },
): readonly Action[] {
  const { certificate, carrier } = observed
  const carried = desired.owners.some((route) => route.spec.tls?.secretName !== desired.secretName)
  if (!carried) {
    return carrier !== undefined && isOurs(carrier) ? [remove('routes', carrier.metadata)] : []
  }
  if (carrier === undefined) {
    return certificate?.status.notAfter === undefined ? [] : [applyCarrier(desired, undefined)]
  }
  if (!isOurs(carrier)) return notes(desired, 'CarrierTaken', desired.name)
  return isCarrierAsDesired(carrier, desired) ? [] : [applyCarrier(desired, carrier)]
}

function applyCarrier(desired: DesiredCertificate, carrier: IngressRoute | undefined): Action {
  const object = carrierObject(desired, carrier)
  return { kind: 'apply', resource: 'routes', object, force: carrier !== undefined }
}

function isCarrierAsDesired(carrier: IngressRoute, desired: DesiredCertificate): boolean {
  return (
    carrier.spec.tls?.secretName === desired.secretName &&
    isDeepStrictEqual(classOf(carrier), classOf(desired.owners[0])) &&
    hasOwners(carrier.metadata, desired.owners)
  )
}

function carrierObject(desired: DesiredCertificate, carrier: IngressRoute | undefined): JsonObject {
  const { spec, metadata } = classOf(desired.owners[0])
  return {
    apiVersion: TRAEFIK_API,
    kind: 'IngressRoute',
    metadata: { ...metadataOf(desired, carrier), ...metadata },
    spec: { ...spec, routes: [], tls: { secretName: desired.secretName } },
  }
}

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'

/** The class as the route has it: by the field, else by the annotation, which Traefik before 3.7 reads
 * alone. */
function classOf(route: IngressRoute | undefined): {
  readonly spec: JsonObject
  readonly metadata: JsonObject
} {
  const field = route?.spec.ingressClassName
  if (field !== undefined) return { spec: { ingressClassName: field }, metadata: {} }
  const annotation = route?.metadata.annotations[CLASS_ANNOTATION]
  return {
    spec: {},
    metadata: annotation === undefined ? {} : { annotations: { [CLASS_ANNOTATION]: annotation } },
  }
}

/** With the uid and version that were seen, a write to another object of that name fails. */
function metadataOf(desired: DesiredCertificate, existing: KubeObject | undefined): JsonObject {
  const { namespace, name, owners } = desired
  const seen =
    existing === undefined
      ? {}
      : { uid: existing.metadata.uid, resourceVersion: existing.metadata.resourceVersion }
  return {
    namespace,
    name,
    ...seen,
    labels: OUR_LABELS,
    ownerReferences: owners.map(ownerReference),
  }
}

function hasOwners(metadata: ObjectMeta, owners: readonly IngressRoute[]): boolean {
  const uids = new Set(metadata.ownerReferences.map((owner) => owner.uid))
  return uids.size === owners.length && owners.every((owner) => uids.has(owner.metadata.uid))
}

function isRoute(owner: { readonly apiVersion: string; readonly kind: string }): boolean {
  return owner.apiVersion === TRAEFIK_API && owner.kind === 'IngressRoute'
}

function remove(resource: 'certificates' | 'routes', metadata: ObjectMeta): Action {
  const { namespace, name, uid, resourceVersion } = metadata
  return { kind: 'delete', resource, namespace, name, preconditions: { uid, resourceVersion } }
}

function notes(
  desired: DesiredCertificate,
  reason: EventNote['reason'],
  about: string,
): readonly Action[] {
  return desired.owners.map((route) => {
    const on = { ...ownerReference(route), namespace: desired.namespace }
    return { kind: 'event', note: { on, reason, about } }
  })
}
