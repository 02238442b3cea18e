import { compare } from '../../shared/kube/object.ts'
import { appOf, decide, type Verdict } from '../../shared/decide.ts'
import { adviceOn, causeOf } from '../../shared/findings/cause-of.ts'
import type { Cause } from '../../shared/findings/causes.ts'
import { wording, type Finding } from '../../shared/findings/reasons.ts'
import { statusCause } from '../../shared/findings/status-cause.ts'
import {
  domainStatus,
  type DomainStatus,
  type State,
  type TlsStatus,
} from '../../shared/findings/status.ts'
import { isOld } from '../../shared/old-route.ts'
import { isOurs } from '../../shared/ours.ts'
import { resolveSettings, type ClusterSettings, type Settings } from '../../shared/settings.ts'
import { besideTcp, createTcpServices, type TcpServices } from '../../shared/tcp-services.ts'
import { normalHost } from '../../shared/traefik/hosts.ts'
import type { Route, RouteKind } from '../../shared/traefik/route.ts'
import { ruleHosts } from '../../shared/traefik/rule-hosts.ts'
import type { Gathered } from './gather.ts'
import { createHolderOf, type Claims } from './holders.ts'
import { notCarried } from './not-carried.ts'
import { createLookups, type Lookups } from './lookups.ts'

/** One domain of one route, as `-o json` prints it: an API. What is unknown is null. */
export type StatusItem = {
  readonly namespace: string
  /** The route's kind: IngressRoute or IngressRouteTCP. */
  readonly kind: RouteKind
  readonly route: string
  readonly domain: string | null
  readonly app: string
  readonly tlsStatus: TlsStatus | null
  readonly state: State
  readonly reason: string | null
  readonly message: string | null
  /** A word of `docs/causes.md`. */
  readonly cause: Cause | null
  /** One sentence. */
  readonly whatToDo: string | null
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
  context: {
    readonly cluster: ClusterSettings
    readonly now: Date
    /** Of all namespaces, where more was looked at than what is reported. */
    readonly claims?: Claims | undefined
  },
): readonly StatusItem[] {
  const lookups = createLookups(gathered)
  const holderOf = createHolderOf(context.claims ?? gathered, context.cluster)
  const tcp = createTcpServices(context.cluster)
  gathered.routes.forEach(tcp.put)
  return gathered.routes
    .filter((route) => !isOurs(route))
    .sort(
      (a, b) =>
        compare(a.metadata.namespace, b.metadata.namespace) ||
        compare(a.metadata.name, b.metadata.name) ||
        compare(a.kind, b.kind),
    )
    .flatMap((route) => {
      const namespace = gathered.namespaces.get(route.metadata.namespace)
      const { cluster, now } = context
      const settings = resolveSettings({ cluster, namespace, route: route.metadata.annotations })
      const { installedAt } = gathered
      const { servedBy } = tcp
      return routeItems({ route, settings, lookups, now, installedAt, servedBy, holderOf })
    })
}

type RouteInput = {
  readonly route: Route
  readonly settings: Settings
  readonly lookups: Lookups
  readonly now: Date
  readonly installedAt: string | undefined
  readonly servedBy: TcpServices['servedBy']
  readonly holderOf: (host: string) => string | undefined
}

function routeItems(input: RouteInput): readonly StatusItem[] {
  const { route, settings, servedBy } = input
  const verdict = besideTcp(decide(route, settings), route, servedBy)
  const hosts = hostsOf(route)
  return (hosts.length === 0 ? [null] : hosts).map((host) => item(input, verdict, host))
}

/** Every host that the rules can serve, whether it can have a certificate or not, or those that its
 * user lists. */
function hostsOf(route: Route): readonly string[] {
  const listed = (route.spec.tls?.domains ?? []).map(({ name }) => normalHost(name))
  const hosts = listed.length > 0 ? listed : ruleHosts(route).flatMap((rule) => rule.hosts)
  return [...new Set(hosts)]
}

function item(input: RouteInput, verdict: Verdict, host: string | null): StatusItem {
  const { route, settings, lookups } = input
  const { namespace, name } = route.metadata
  const certificate = host === null ? undefined : lookups.certificate(route, host, verdict)
  const base = {
    namespace,
    kind: route.kind,
    route: name,
    domain: host,
    app: appOf(route, settings),
    dnsConfigured: null,
  }
  if (certificate !== undefined) {
    const { kind, name: issuer } = certificate.spec.issuerRef
    const chained = { certificate, ...lookups.chain(certificate, host), now: input.now }
    const status = domainStatus(chained)
    return {
      ...base,
      ...status,
      ...(status.reason === null ? notCarried(verdict, certificate) : undefined),
      ...advice(statusCause(status, chained), host),
      certificate: certificate.metadata.name,
      secret: certificate.spec.secretName,
      issuer: `${kind}/${issuer}`,
    }
  }
  const nothing = { certificate: null, secret: null, issuer: null }
  const status = statusWithoutCertificate(input, verdict, host)
  // What is left alone says itself what to do.
  const cause = status.state === 'unmanaged' ? undefined : causeOf(status)
  return { ...base, ...status, ...advice(cause, host), ...nothing }
}

function advice(
  cause: Cause | undefined,
  host: string | null,
): Pick<StatusItem, 'cause' | 'whatToDo'> {
  if (cause === undefined) return { cause: null, whatToDo: null }
  return { cause, whatToDo: adviceOn(cause, host ?? 'DOMAIN').whatToDo }
}

function statusWithoutCertificate(
  input: RouteInput,
  verdict: Verdict,
  host: string | null,
): DomainStatusOrNone {
  const unknown = { notAfter: null, nextRetry: null }
  const reason = reasonToLeave(input, verdict, host)
  if (reason !== undefined) return { ...unknown, ...unmanaged(reason) }
  const holder = host === null ? undefined : input.holderOf(host)
  if (holder !== undefined && holder !== input.route.metadata.namespace) {
    return { ...unknown, ...heldElsewhere(holder, host) }
  }
  const message = 'tlsauto has not made a Certificate yet; is it running?'
  return { ...unknown, tlsStatus: 'pending', state: 'pending', reason: 'NoCertificate', message }
}

/** Why a host gets no certificate: something about itself, about its route, or about the route's age. */
function reasonToLeave(
  { route, settings, installedAt, lookups }: RouteInput,
  verdict: Verdict,
  host: string | null,
): Finding | undefined {
  const { findings } = verdict
  const isManaged = verdict.kind === 'managed' && verdict.hosts.some((name) => name === host)
  if (!isManaged) return findings.find(({ about }) => about === host) ?? findings[0]
  const owned = lookups.ownsCertificate(route)
  if (installedAt === undefined || !isOld({ route, settings, installedAt, owned })) return undefined
  return { reason: 'OlderThanTlsauto', path: '', about: '' }
}

type DomainStatusOrNone = Omit<DomainStatus, 'tlsStatus'> & { readonly tlsStatus: TlsStatus | null }

function heldElsewhere(holder: string, host: string | null) {
  return {
    tlsStatus: 'failed',
    state: 'conflict',
    reason: 'HostHeldElsewhere',
    message: `namespace ${holder} holds ${host}`,
  } as const
}

function unmanaged(finding: Finding) {
  return {
    tlsStatus: null,
    state: 'unmanaged',
    reason: finding.reason,
    message: wording(finding),
  } as const
}
