import { isDeepStrictEqual } from 'node:util'
import {
  CERT_MANAGER_API,
  isHandedOver,
  type Certificate,
} from '../../../shared/certmanager/certificate.ts'
import type { DesiredCertificate } from '../../../shared/certificates/desired.ts'
import { hasOptions } from '../../../shared/certmanager/options.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { isOurs } from '../../../shared/kube/ours.ts'
import {
  carrierOf,
  hasOwners,
  isRouteOwner,
  metadataOf,
  notes,
  type Action,
  type Observed,
} from './action.ts'
import { planCarrier } from './plan-carrier.ts'

/** What brings one desired Certificate about, and its carrier: nothing where all is right. */
export function planCertificate(
  desired: DesiredCertificate,
  observed: Observed,
): readonly Action[] {
  const certificate = observed.certificate(desired.name)
  if (certificate !== undefined && !isOurs(certificate)) {
    if (!isHandedOver(certificate)) return notes(desired, 'NameTaken', desired.name)
    return planAdoption(desired, certificate)
  }
  return [
    ...planOrder(desired, certificate),
    ...planCarrier(desired, { certificate, carrier: carrierOf(desired.name, observed) }),
  ]
}

/** Takes over what its owner has handed over: first off those who own it, or they would go on caring for
 * it; then by applying what is ours to say over theirs. The rest of it stays, so that nothing is
 * issued again where names, Secret and issuer are what they were. */
function planAdoption(desired: DesiredCertificate, certificate: Certificate): readonly Action[] {
  const { metadata } = certificate
  if (metadata.ownerReferences.some((owner) => !isRouteOwner(owner))) {
    return [{ kind: 'disown', certificate: metadata }]
  }
  return [
    applyCertificate(desired, certificate),
    ...notes(desired, 'CertificateAdopted', desired.name),
  ]
}

function planOrder(
  desired: DesiredCertificate,
  certificate: Certificate | undefined,
): readonly Action[] {
  if (certificate !== undefined && isAsDesired(certificate, desired)) return []
  const apply = applyCertificate(desired, certificate)
  if (certificate !== undefined) return [apply]
  return [apply, ...notes(desired, 'CertificateCreated', aboutOrder(desired))]
}

function applyCertificate(
  desired: DesiredCertificate,
  certificate: Certificate | undefined,
): Action {
  const object = certificateObject(desired, certificate)
  return { kind: 'apply', resource: 'certificates', object, force: certificate !== undefined }
}

function aboutOrder(desired: DesiredCertificate): string {
  const { name, dnsNames, issuerRef } = desired
  return `${name} for ${dnsNames.join(', ')} from ${issuerRef.kind} ${issuerRef.name}`
}

function isAsDesired(certificate: Certificate, desired: DesiredCertificate): boolean {
  const { metadata, spec, owned } = certificate
  const options = { annotations: metadata.annotations, spec: spec.options, owned }
  return (
    spec.secretName === desired.secretName &&
    isDeepStrictEqual(spec.issuerRef, desired.issuerRef) &&
    isDeepStrictEqual(new Set(spec.dnsNames), new Set<string>(desired.dnsNames)) &&
    spec.dnsNames.length === desired.dnsNames.length &&
    hasOptions(options, desired.options) &&
    hasOwners(metadata, desired.owners)
  )
}

function certificateObject(
  desired: DesiredCertificate,
  certificate: Certificate | undefined,
): JsonObject {
  const { secretName, dnsNames, issuerRef, options } = desired
  const { annotations, spec } = options
  return {
    apiVersion: CERT_MANAGER_API,
    kind: 'Certificate',
    metadata: {
      ...metadataOf(desired, certificate),
      ...(isEmpty(annotations) ? {} : { annotations }),
    },
    spec: { secretName, dnsNames, issuerRef, ...spec },
  }
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0
}
