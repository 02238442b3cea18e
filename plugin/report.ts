import {
  ownerUids,
  type CertificateRequest,
  type Challenge,
  type Order,
} from '../shared/certmanager/acme.ts'
import type { Certificate } from '../shared/certmanager/certificate.ts'
import { certifiableHosts } from '../shared/certifiable-hosts.ts'
import { appOf, decide, type Verdict } from '../shared/decide.ts'
import { wording, type Finding } from '../shared/findings/reasons.ts'
import {
  domainStatus,
  type DomainStatus,
  type State,
  type TlsStatus,
} from '../shared/findings/status.ts'
import { byAge } from '../shared/kube/object.ts'
import { isOld } from '../shared/old-route.ts'
import { isOurs } from '../shared/ours.ts'
import { resolveSettings, type ClusterSettings, type Settings } from '../shared/settings.ts'
import type { IngressRoute } from '../shared/traefik/ingressroute.ts'
import type { Gathered } from './gather.ts'

/** One domain of one route, as `-o json` prints it: an API. What is unknown is null. */
export type StatusItem = {
  readonly namespace: string
  readonly route: string
  readonly domain: string | null
  readonly app: string
  readonly tlsStatus: TlsStatus | null
  readonly state: State
  readonly reason: string | null
  readonly message: string | null
  readonly certificate: string | null
  readonly secret: string | null
  /** `Kind/name`. */
  readonly issuer: string | null
  readonly notAfter: string | null
  readonly nextRetry: string | null
  readonly dnsConfigured: boolean | null
}

/** How every domain of every route stands; by namespace, then route, then the order of its rules.
 * tlsauto's own carriers are not listed. */
export function report(
  gathered: Gathered,
  context: { readonly cluster: ClusterSettings; readonly now: Date },
): readonly StatusItem[] {
  const lookups = indexOf(gathered)
  return gathered.routes
    .filter((route) => !isOurs(route))
    .sort(
      (a, b) =>
        compare(a.metadata.namespace, b.metadata.namespace) ||
        compare(a.metadata.name, b.metadata.name),
    )
    .flatMap((route) => {
      const namespace = gathered.namespaces.get(route.metadata.namespace)
      const { cluster, now } = context
      const settings = resolveSettings({ cluster, namespace, route: route.metadata.annotations })
      return routeItems({ route, settings, lookups, now, installedAt: gathered.installedAt })
    })
}

type RouteInput = {
  readonly route: IngressRoute
  readonly settings: Settings
  readonly lookups: Lookups
  readonly now: Date
  readonly installedAt: string | undefined
}

function routeItems(input: RouteInput): readonly StatusItem[] {
  const { route, settings } = input
  const verdict = decide(route, settings)
  const hosts: readonly (string | null)[] =
    verdict.kind === 'managed' ? verdict.hosts : certifiableHosts(route, settings).hosts
  return (hosts.length === 0 ? [null] : hosts).map((host) => item(input, verdict, host))
}

function item(input: RouteInput, verdict: Verdict, host: string | null): StatusItem {
  const { route, settings, lookups } = input
  const { namespace, name } = route.metadata
  const certificate = host === null ? undefined : lookups.certificate(namespace, host, verdict)
  const base = {
    namespace,
    route: name,
    domain: host,
    app: appOf(route, settings),
    dnsConfigured: null,
  }
  if (certificate !== undefined) {
    const { kind, name: issuer } = certificate.spec.issuerRef
    return {
      ...base,
      ...domainStatus({ certificate, ...lookups.chain(certificate, host), now: input.now }),
      certificate: certificate.metadata.name,
      secret: certificate.spec.secretName,
      issuer: `${kind}/${issuer}`,
    }
  }
  const nothing = { certificate: null, secret: null, issuer: null }
  return { ...base, ...statusWithoutCertificate(input, verdict), ...nothing }
}

function statusWithoutCertificate(input: RouteInput, verdict: Verdict): DomainStatusOrNone {
  const unknown = { notAfter: null, nextRetry: null }
  if (verdict.kind === 'unmanaged') return { ...unknown, ...unmanaged(verdict.findings[0]) }
  const { route, settings, installedAt } = input
  if (isOld({ route, settings, installedAt, owned: false })) {
    const finding: Finding = { reason: 'OlderThanTlsauto', path: '', about: '' }
    return { ...unknown, ...unmanaged(finding) }
  }
  const message = 'tlsauto has not made a Certificate yet; is it running?'
  return { ...unknown, tlsStatus: 'pending', state: 'pending', reason: 'NoCertificate', message }
}

type DomainStatusOrNone = Omit<DomainStatus, 'tlsStatus'> & { readonly tlsStatus: TlsStatus | null }

function unmanaged(finding: Finding | undefined) {
  return {
    tlsStatus: null,
    state: 'unmanaged',
    reason: finding?.reason ?? null,
    message: finding === undefined ? null : wording(finding),
  } as const
}

type Lookups = {
  /** The Certificate of ours that stands for a host, or that has the user's own name. */
  readonly certificate: (
    namespace: string,
    host: string,
    verdict: Verdict,
  ) => Certificate | undefined
  readonly chain: (certificate: Certificate, host: string | null) => Chain
}

type Chain = {
  readonly request: CertificateRequest | undefined
  readonly order: Order | undefined
  readonly challenges: readonly Challenge[]
  readonly rival: string | undefined
}

function indexOf(gathered: Gathered): Lookups {
  const certificates = gathered.certificates.filter(isOurs).sort(byAge)
  const byHost = groupBy(certificates, ({ metadata, spec }) =>
    spec.dnsNames.map((host) => `${metadata.namespace}/${host}`),
  )
  const bySecret = groupBy(gathered.certificates, ({ metadata, spec }) => [
    `${metadata.namespace}/${spec.secretName}`,
  ])
  const requests = groupBy(gathered.requests, ownerUids)
  const orders = groupBy(gathered.orders, ownerUids)
  const challenges = groupBy(gathered.challenges, ownerUids)
  return {
    certificate: (namespace, host, verdict) => {
      const covering = byHost.get(`${namespace}/${host}`) ?? []
      const named = verdict.kind === 'managed' && verdict.named ? verdict.secret : undefined
      return covering.find(({ metadata }) => metadata.name === named) ?? covering[0]
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
          ({ dnsName }) => host === null || dnsName === host.replace('*.', ''),
        ),
        rival: sharing.find(({ metadata }) => metadata.uid !== uid)?.metadata.name,
      }
    },
  }
}

const REVISION = 'cert-manager.io/certificate-revision'

/** The request of the revision that is being tried, as cert-manager finds it. */
function currentRequest(
  certificate: Certificate,
  requests: readonly CertificateRequest[],
): CertificateRequest | undefined {
  const revision = String(certificate.status.revision + 1)
  return newest(requests.filter(({ metadata }) => metadata.annotations[REVISION] === revision))
}

function newest<T extends { readonly metadata: { readonly creationTimestamp: string } }>(
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

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
