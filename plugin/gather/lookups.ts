import {
  isOfComingRevision,
  ownerUids,
  type CertificateRequest,
  type Challenge,
  type Order,
} from '../../shared/certmanager/acme.ts'
import { hostsOf, isForHosts, type Certificate } from '../../shared/certmanager/certificate.ts'
import { wildcardOver } from '../../shared/certificates/cover.ts'
import type { Verdict } from '../../shared/route/decide.ts'
import { byAge, compare } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import type { Route } from '../../shared/traefik/route.ts'
import type { Gathered } from './snapshot.ts'

/** What a route's items are looked up in: Certificates by host, and what hangs on each. */
export type Lookups = {
  /** The Certificate of ours that stands for a route's host, or that has the user's own name; else the
   * wildcard's that the host lives off. */
  readonly certificate: (route: Route, host: string, verdict: Verdict) => Certificate | undefined
  readonly chain: (certificate: Certificate, host: string | null) => Chain
  /** Whether a route owns a Certificate of ours. */
  readonly ownsCertificate: (route: Route) => boolean
}

type Chain = {
  readonly request: CertificateRequest | undefined
  readonly order: Order | undefined
  readonly challenges: readonly Challenge[]
  readonly rival: string | undefined
}

/** Indexes what was gathered, for look-ups in constant time. */
export function createLookups(gathered: Gathered): Lookups {
  const certificates = gathered.certificates.filter(isOurs).sort(byAge)
  const byHost = groupBy(certificates, (one) =>
    hostsOf(one).map((host) => `${one.metadata.namespace}/${host}`),
  )
  const bySecret = groupBy(gathered.certificates, ({ metadata, spec }) => [
    `${metadata.namespace}/${spec.secretName}`,
  ])
  const requests = groupBy(gathered.requests, ownerUids)
  const orders = groupBy(gathered.orders, ownerUids)
  const challenges = groupBy(gathered.challenges, ownerUids)
  const owners = new Set(certificates.flatMap(ownerUids))
  return {
    certificate: ({ metadata }, host, verdict) => {
      const ofHost = (name: string): readonly Certificate[] =>
        byHost.get(`${metadata.namespace}/${name}`) ?? []
      if (verdict.kind === 'managed' && verdict.named) {
        return ofHost(host).find((one) => one.metadata.name === verdict.secret)
      }
      // What lives off a wildcard's Certificate is among its owners.
      const over = ofHost(wildcardOver(host) ?? '').filter((one) =>
        ownerUids(one).includes(metadata.uid),
      )
      return [...ofHost(host), ...over].find(isForHosts)
    },
    chain: (certificate, host) => {
      const request = currentRequest(certificate, requests.get(certificate.metadata.uid) ?? [])
      const order = newest(orders.get(request?.metadata.uid ?? '') ?? [])
      const own = challenges.get(order?.metadata.uid ?? '') ?? []
      const { namespace, uid } = certificate.metadata
      const sharing = bySecret.get(`${namespace}/${certificate.spec.secretName}`) ?? []
      return {
        request,
        order,
        challenges: own.filter(
          ({ dnsName }) => host === null || dnsName === nameIn(certificate, host).replace('*.', ''),
        ),
        rival: sharing.find(({ metadata }) => metadata.uid !== uid)?.metadata.name,
      }
    },
    ownsCertificate: ({ metadata }) => owners.has(metadata.uid),
  }
}

/** The name of a Certificate that stands for a host. */
function nameIn({ spec }: Certificate, host: string): string {
  return spec.dnsNames.includes(host) ? host : (wildcardOver(host) ?? host)
}

/** The request of the revision that is being tried. */
function currentRequest(
  certificate: Certificate,
  requests: readonly CertificateRequest[],
): CertificateRequest | undefined {
  return newest(requests.filter((request) => isOfComingRevision(request, certificate)))
}

/** The one that was created last. */
export function newest<T extends { readonly metadata: { readonly creationTimestamp: string } }>(
  objects: readonly T[],
): T | undefined {
  return objects.toSorted((a, b) =>
    compare(b.metadata.creationTimestamp, a.metadata.creationTimestamp),
  )[0]
}

function groupBy<T>(
  items: readonly T[],
  keys: (item: T) => readonly string[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of items) {
    for (const key of keys(one)) {
      const known = groups.get(key)
      if (known === undefined) groups.set(key, [one])
      else known.push(one)
    }
  }
  return groups
}
