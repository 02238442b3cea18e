import {
  isOfComingRevision,
  ownerUids,
  parseCertificateRequest,
  parseChallenge,
  parseOrder,
  type CertificateRequest,
  type Challenge,
  type Order,
} from '../../shared/certmanager/acme.ts'
import {
  isIssuing,
  isReady,
  parseCertificate,
  type Certificate,
} from '../../shared/certmanager/certificate.ts'
import type { JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { ObjectMeta } from '../../shared/kube/object.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { listOrHide, type Listing } from './list-or-hide.ts'

/** Certificates, and the tries to get them. */
export type Issuances = {
  readonly certificates: Listing<Certificate>
  readonly requests: Listing<CertificateRequest>
  readonly orders: Listing<Order>
  readonly challenges: Listing<Challenge>
}

/** Lists Certificates and their tries that are under way or have failed; with `past` all that cert-manager has
 * kept. What belongs to nothing that is listed is left out, and nobody is asked for what nothing can have: where
 * all is well, these are the most and the largest objects of all. An owner is listed before what it owns: what
 * made it fail was there before its status said so, and is in every list made after. */
export async function listIssuances(
  client: KubeClient,
  { namespace, past }: { readonly namespace: string | undefined; readonly past: boolean },
): Promise<Issuances> {
  const list = async <T>(resource: Resource, parse: Parse<T>): Promise<Listing<T>> =>
    listOrHide(client, resource, { namespace, parse })
  const certificates = await listOrHide(client, RESOURCES.certificates, {
    namespace,
    parse: parseCertificate,
    needed: true,
  })
  const tried = past ? certificates.items : certificates.items.filter(canHaveTry)
  if (tried.length === 0) {
    return { certificates, requests: UNASKED, orders: UNASKED, challenges: UNASKED }
  }
  const isTry = past ? isOwnedBy(tried) : isTryOf(tried)
  const requests = await list(RESOURCES.certificateRequests, only(parseCertificateRequest, isTry))
  if (requests.items.length === 0 && requests.hidden === undefined) {
    return { certificates, requests, orders: UNASKED, challenges: UNASKED }
  }
  // In one moment: cert-manager takes away the challenges of an order that is done.
  const [orders, challenges] = await Promise.all([
    list(RESOURCES.orders, only(parseOrder, isOwnedBy(requests.items))),
    list(RESOURCES.challenges, parseChallenge),
  ])
  const own = challenges.items.filter(isOwnedBy(orders.items))
  return { certificates, requests, orders, challenges: { ...challenges, items: own } }
}

const UNASKED = { items: [], version: undefined, hidden: undefined } as const

/** Whether there can be a request of the coming revision: cert-manager makes one only while it issues, and
 * leaves it there when it has failed (its request manager and issuing controllers). */
function canHaveTry(certificate: Certificate): boolean {
  const hasFailed = certificate.status.lastFailureTime !== undefined
  return isIssuing(certificate) || hasFailed || !isReady(certificate)
}

type Parse<T> = (object: JsonObject) => T | undefined
type Owned = { readonly metadata: ObjectMeta }

function only<T>(parse: Parse<T>, isMeant: (parsed: T) => boolean): Parse<T> {
  return (object) => {
    const parsed = parse(object)
    return parsed !== undefined && isMeant(parsed) ? parsed : undefined
  }
}

function isOwnedBy(owners: readonly Owned[]): (object: Owned) => boolean {
  const uids = new Set(owners.map(({ metadata }) => metadata.uid))
  return (object) => ownerUids(object).some((uid) => uids.has(uid))
}

/** Whether a request is of the coming revision of one of these. */
function isTryOf(certificates: readonly Certificate[]): (request: CertificateRequest) => boolean {
  const byUid = new Map(certificates.map((one) => [one.metadata.uid, one]))
  return (request) =>
    ownerUids(request).some((uid) => {
      const owner = byUid.get(uid)
      return owner !== undefined && isOfComingRevision(request, owner)
    })
}
