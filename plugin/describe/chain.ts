import {
  isOfComingRevision,
  ownerUids,
  type CertificateRequest,
  type Challenge,
  type Order,
} from '../../shared/certmanager/acme.ts'
import type { Certificate } from '../../shared/certmanager/certificate.ts'
import type { Issuer } from '../../shared/certmanager/issuer.ts'
import type { KubeEvent } from '../../shared/kube/event.ts'
import type { ObjectMeta } from '../../shared/kube/object.ts'
import type { Route } from '../../shared/traefik/route.ts'
import type { Gathered } from '../gather/snapshot.ts'
import { newest } from '../gather/lookups.ts'
import type { StatusItem } from '../status/report.ts'

/** What hangs on one domain of one route, as far as there is any. */
export type Chain = {
  readonly item: StatusItem
  readonly route: Route | undefined
  readonly certificate: Certificate | undefined
  readonly request: CertificateRequest | undefined
  readonly order: Order | undefined
  readonly challenges: readonly Challenge[]
}

/** What is looked up for that chain alone. */
export type Around = {
  readonly issuer:
    | { readonly kind: 'found'; readonly issuer: Issuer }
    | { readonly kind: 'missing' | 'unknown' }
  readonly solvers: readonly SolverObject[]
  readonly events: readonly KubeEvent[]
  /** What this user may not read, in a sentence each. */
  readonly hidden: readonly string[]
}

/** A Pod, Service or Ingress that answers a challenge. */
export type SolverObject = {
  readonly kind: string
  readonly metadata: ObjectMeta
  /** A Pod's phase, else empty. */
  readonly state: string
}

/** Picks a domain's chain: the try that is under way or failed, else the last that succeeded. */
export function chainOf(item: StatusItem, gathered: Gathered): Chain {
  const isHere = ({ metadata }: { readonly metadata: ObjectMeta }, name: string | null): boolean =>
    metadata.namespace === item.namespace && metadata.name === name
  const certificate = gathered.certificates.find((one) => isHere(one, item.certificate))
  const request = requestOf(certificate, gathered.requests)
  const order = newest(gathered.orders.filter((one) => isOwned(one, request)))
  return {
    item,
    route: gathered.routes.find((one) => one.kind === item.kind && isHere(one, item.route)),
    certificate,
    request,
    order,
    challenges: gathered.challenges.filter((one) => isOwned(one, order)),
  }
}

function requestOf(
  certificate: Certificate | undefined,
  requests: readonly CertificateRequest[],
): CertificateRequest | undefined {
  if (certificate === undefined) return undefined
  const own = requests.filter((one) => isOwned(one, certificate))
  return newest(own.filter((one) => isOfComingRevision(one, certificate))) ?? newest(own)
}

/** Whether it belongs to an owner, where there is one. */
export function isOwned(
  object: { readonly metadata: ObjectMeta },
  owner: { readonly metadata: ObjectMeta } | undefined,
): boolean {
  return owner !== undefined && ownerUids(object).includes(owner.metadata.uid)
}
