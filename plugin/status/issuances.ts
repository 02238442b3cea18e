import {
  ownerUids,
  parseCertificateRequest,
  parseChallenge,
  parseOrder,
  type CertificateRequest,
  type Challenge,
  type Order,
} from '../../shared/certmanager/acme.ts'
import {
  isReady,
  parseCertificate,
  type Certificate,
} from '../../shared/certmanager/certificate.ts'
import type { JsonObject } from '../../shared/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { findCondition, type ObjectMeta } from '../../shared/kube/object.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { listFor, type Listing } from './listing.ts'

/** Certificates, and the tries to get them. */
export type Issuances = {
  readonly certificates: Listing<Certificate>
  readonly requests: Listing<CertificateRequest>
  readonly orders: Listing<Order>
  readonly challenges: Listing<Challenge>
}

/** Lists Certificates and their tries that are under way or have failed; with `past` those that succeeded too.
 * What belongs to nothing that is listed is left out, and nobody is asked for what nothing can have: where all
 * is well, these are the most and the largest objects of all. An owner is listed before what it owns: what made
 * it fail was there before its status said so, and is in every list made after. */
export async function listIssuances(
  client: KubeClient,
  { namespace, past }: { readonly namespace: string | undefined; readonly past: boolean },
): Promise<Issuances> {
  const certificates = await listFor(client, RESOURCES.certificates, {
    namespace,
    parse: parseCertificate,
    needed: true,
  })
  const tried = past ? certificates.items : certificates.items.filter(canHaveTry)
  const place = { client, namespace }
  const requests = await listOwned(RESOURCES.requests, parseCertificateRequest, tried, place)
  const orders = await listOwned(RESOURCES.orders, parseOrder, requests.items, place)
  const challenges = await listOwned(RESOURCES.challenges, parseChallenge, orders.items, place)
  return { certificates, requests, orders, challenges }
}

/** Whether there can be a request of the coming revision: cert-manager makes one only while it issues, and
 * leaves it there when it has failed (its request manager and issuing controllers). */
function canHaveTry(certificate: Certificate): boolean {
  const { conditions, lastFailureTime } = certificate.status
  const isIssuing = findCondition(conditions, 'Issuing')?.status === 'True'
  return isIssuing || lastFailureTime !== undefined || !isReady(certificate)
}

type Owner = { readonly metadata: ObjectMeta }

async function listOwned<T extends Owner>(
  resource: Resource,
  parse: (object: JsonObject) => T | undefined,
  owners: readonly Owner[],
  { client, namespace }: { readonly client: KubeClient; readonly namespace: string | undefined },
): Promise<Listing<T>> {
  if (owners.length === 0) return { items: [], version: undefined, hidden: undefined }
  const uids = new Set(owners.map(({ metadata }) => metadata.uid))
  const parseOwned = (object: JsonObject): T | undefined => {
    const parsed = parse(object)
    const isMeant = parsed !== undefined && ownerUids(parsed).some((uid) => uids.has(uid))
    return isMeant ? parsed : undefined
  }
  return listFor(client, resource, { namespace, parse: parseOwned })
}
