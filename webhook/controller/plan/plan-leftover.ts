import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import { isMistake } from '../../../shared/findings/reasons.ts'
import { issuerText } from '../../../shared/settings/issuer-patterns.ts'
import type { KubeObject, OwnerReference } from '../../../shared/kube/object.ts'
import { companionName } from '../../../shared/names/names.ts'
import { isCompanion, isOurs } from '../../../shared/kube/ours.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import { carrierOf, isRouteOwner, remove, type Action, type Observed } from './action.ts'
import { redirectsOf } from './companion-object.ts'

/** What becomes of a Certificate of ours that no route needs, and of its carrier, also where only one
 * of them is left: they go, the Secret stays. */
export function planLeftover(name: string, observed: Observed): readonly Action[] {
  const certificate = observed.certificate(name)
  const carrier = carrierOf(name, observed)
  if (certificate !== undefined && isOfRefusedIssuer(certificate, observed)) {
    return planLeftoverCertificate(certificate, observed)
  }
  if (certificate !== undefined && observed.hasGuests(certificate)) return []
  if ([certificate, carrier].some((one) => one !== undefined && isHeld(one, observed))) return []
  return [
    ...(certificate === undefined ? [] : planLeftoverCertificate(certificate, observed)),
    ...(carrier !== undefined && !isCompanion(carrier) && canGo(carrier)
      ? [remove('ingressRoutes', carrier.metadata)]
      : []),
  ]
}

function planLeftoverCertificate(certificate: Certificate, observed: Observed): readonly Action[] {
  if (!canGo(certificate)) return []
  const { metadata } = certificate
  const isThere = (owner: OwnerReference): boolean =>
    observed.route(owner)?.metadata.uid === owner.uid
  return [
    remove('certificates', metadata),
    ...metadata.ownerReferences.filter(isThere).map((owner): Action => {
      const on = { ...owner, namespace: metadata.namespace }
      return { kind: 'event', note: { on, reason: 'CertificateDeleted', about: metadata.name } }
    }),
  ]
}

/** Whether one of its routes still counts on it: names its Secret, which nobody would renew any more; is
 * leaving, but has a companion that still redirects to it; or can't be understood for a mistake, which must
 * cost nobody a certificate. */
function isHeld(object: Certificate | Route, observed: Observed): boolean {
  return object.metadata.ownerReferences.some((owner) => {
    const route = observed.route(owner)
    const verdict = observed.verdict(owner)
    if (route?.metadata.uid !== owner.uid) return false
    const reason = verdict?.kind === 'unmanaged' ? verdict.reason : undefined
    if (reason === 'HostNotAllowed') return false
    if (namesIssued(route, object)) return true
    return reason !== undefined && (isMistake(reason) || isRedirectedTo(route, object, observed))
  })
}

/** One of its routes asks for the issuer that signs it, and their namespace does not allow that: nobody may renew
 * it. What another issuer signed stays, and so does the carrier. */
function isOfRefusedIssuer({ metadata, spec }: Certificate, observed: Observed): boolean {
  const issuer = issuerText(spec.issuerRef)
  return metadata.ownerReferences.some((owner) => {
    const verdict = observed.verdict(owner)
    if (observed.route(owner)?.metadata.uid !== owner.uid || verdict === undefined) return false
    return verdict.findings.some(
      ({ reason, about }) => reason === 'IssuerNotAllowed' && about === issuer,
    )
  })
}

function namesIssued(route: Route, object: Certificate | Route): boolean {
  if (object.kind !== 'Certificate' || object.status.notAfter === undefined) return false
  return route.spec.tls?.secretName === object.spec.secretName
}

function isRedirectedTo(
  { metadata }: Route,
  object: Certificate | Route,
  observed: Observed,
): boolean {
  if (object.kind !== 'Certificate') return false
  const name = companionName(metadata.name)
  const redirected = new Set(redirectsOf(observed.route({ kind: 'IngressRoute', name })))
  return object.spec.dnsNames.some((host) => redirected.has(host))
}

/** What has no route among its owners was not made by us, whatever its label says. */
function canGo(object: KubeObject): boolean {
  const { ownerReferences, deletionTimestamp } = object.metadata
  return isOurs(object) && ownerReferences.some(isRouteOwner) && deletionTimestamp === undefined
}
