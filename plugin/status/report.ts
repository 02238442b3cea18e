import { compare } from '../../shared/kube/object.ts'
import { appOf, decide, type Verdict } from '../../shared/route/decide.ts'
import { eachAlone, notJudged } from '../../shared/json/each-alone.ts'
import { adviceOn, causeOf } from '../../shared/findings/cause-of.ts'
import type { Cause } from '../../shared/findings/causes.ts'
import { isDenied, wording, type Finding } from '../../shared/findings/reasons.ts'
import { hostViolations } from '../../shared/route/host-check.ts'
import { companionName } from '../../shared/names/names.ts'
import { statusCause } from '../../shared/status/status-cause.ts'
import {
  domainStatus,
  type DomainStatus,
  type State,
  type TlsStatus,
} from '../../shared/status/status.ts'
import { isOld } from '../../shared/route/old-route.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import {
  limitsOf,
  resolveSettings,
  type ClusterSettings,
  type NamespaceSettings,
  type Settings,
} from '../../shared/settings/settings.ts'
import { besideTcp, createTcpServices, type TcpServices } from '../../shared/route/tcp-services.ts'
import { normalHost } from '../../shared/traefik/hosts.ts'
import type { Route, RouteKind } from '../../shared/traefik/route.ts'
import { ruleHosts } from '../../shared/traefik/rule-hosts.ts'
import type { Gathered } from '../gather/snapshot.ts'
import { createRivalOf, type DomainClaims } from '../gather/domain-claims.ts'
import { notCarried } from './not-carried.ts'
import { createLookups, type Lookups } from '../gather/lookups.ts'

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

/** How every domain of every route stands; by namespace, then route, then the order of its rules, then what else
 * its namespace has no right to. What tlsauto itself made is not listed, unless something is wrong with its hosts:
 * anybody can write its label. */
export function report(
  gathered: Gathered,
  context: {
    readonly cluster: ClusterSettings
    readonly now: Date
    /** Whose the hosts are; undefined: not asked. */
    readonly claims: DomainClaims | undefined
  },
): readonly StatusItem[] {
  const lookups = createLookups(gathered)
  const { namespaces } = gathered
  const rivalOf = createRivalOf(context.claims ?? { claims: [], namespaces })
  const tcp = createTcpServices(context.cluster)
  // One that can't be judged is told of below.
  eachAlone(gathered.routes, tcp.put, () => undefined)
  const names = new Map(gathered.routes.map(({ metadata }) => [metadata.uid, metadata.name]))
  const routes = [...gathered.routes].sort(
    (a, b) =>
      compare(a.metadata.namespace, b.metadata.namespace) ||
      compare(a.metadata.name, b.metadata.name) ||
      compare(a.kind, b.kind),
  )
  const itemsOf = (route: Route): readonly StatusItem[] => {
    const namespace = gathered.namespaces.get(route.metadata.namespace)
    const { cluster, now } = context
    const settings = resolveSettings({ cluster, namespace, route: route.metadata.annotations })
    const { installedAt } = gathered
    const { servedBy } = tcp
    const holderOf = (host: string): string | undefined => rivalOf(host, route.metadata.namespace)
    const violations = violationsOf(route, { cluster, namespace, holderOf, names })
    if (isOurs(route) && violations.length === 0) return []
    const { areHidden = false } = context.claims ?? {}
    const whose = { rivalOf, areHidden, violations }
    return routeItems({ route, settings, lookups, now, installedAt, servedBy, ...whose })
  }
  return eachAlone(routes, itemsOf, (route, error) => [unjudged(route, error)]).flat()
}

/** One line for a route that met a bug: the others are told all the same. */
function unjudged({ kind, metadata }: Route, error: unknown): StatusItem {
  return {
    namespace: metadata.namespace,
    kind,
    route: metadata.name,
    domain: null,
    app: metadata.name,
    tlsStatus: null,
    state: 'unknown',
    reason: 'NotJudged',
    message: notJudged(error),
    cause: null,
    whatToDo: null,
    certificate: null,
    secret: null,
    issuer: null,
    notAfter: null,
    nextRetry: null,
    dnsConfigured: null,
  }
}

type ViolationsInput = {
  readonly cluster: ClusterSettings
  readonly namespace: NamespaceSettings | undefined
  readonly holderOf: (host: string) => string | undefined
  /** The keys of all routes, by their uids. */
  readonly names: ReadonlyMap<string, string>
}

/** What the host check denies of a stored route. Of hosts that another namespace holds it is asked only where
 * nothing else tells them: on a route with tlsauto's label that no route has as its companion. */
function violationsOf(route: Route, input: ViolationsInput): readonly Finding[] {
  const { cluster, namespace, holderOf, names } = input
  const allowed = namespace && limitsOf(namespace)
  const isStray = isOurs(route) && !isCompanionOf(route, names)
  const hasLongRule = route.spec.routes.some(({ match }) => match.length > LONG_RULE)
  if (allowed === undefined && !isStray && !hasLongRule) return []
  const { unboundedRules } = cluster
  return hostViolations(route, {
    namespace: route.metadata.namespace,
    allowed,
    holderOf: isStray ? holderOf : () => undefined,
    hostClaims: 'warn',
    unboundedRules,
  })
    .map(({ finding }) => finding)
    .filter((finding) => isDenied(finding, { hostClaims: 'deny', unboundedRules }))
}

/** Characters: shorter rules cost Traefik nothing. */
const LONG_RULE = 2048

function isCompanionOf({ metadata }: Route, names: ReadonlyMap<string, string>): boolean {
  return metadata.ownerReferences.some(({ uid }) => {
    const owner = names.get(uid)
    return owner !== undefined && companionName(owner) === metadata.name
  })
}

type RouteInput = {
  readonly route: Route
  readonly settings: Settings
  readonly lookups: Lookups
  readonly now: Date
  readonly installedAt: string | undefined
  readonly servedBy: TcpServices['servedBy']
  readonly rivalOf: (host: string, namespace: string) => string | undefined
  /** Whether this user may not see whose a host is. */
  readonly areHidden: boolean
  readonly violations: readonly Finding[]
}

function routeItems(input: RouteInput): readonly StatusItem[] {
  const { route, settings, servedBy } = input
  const verdict = besideTcp(decide(route, settings), route, servedBy)
  const hosts = hostsOf(route)
  const others = input.violations.some(({ about }) => !hosts.includes(about))
  const subjects = hosts.length === 0 || others ? [...hosts, null] : hosts
  return subjects.map((host) => item(input, verdict, host))
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
    const status = contested(domainStatus(chained), input, host)
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

/** A certificate that is valid serves on, whoever holds the host now. */
function contested(status: DomainStatus, input: RouteInput, host: string | null): DomainStatus {
  if (status.tlsStatus === 'issued') return status
  const rival = rivalFor(input, host)
  return rival === undefined ? status : { ...status, ...heldElsewhere(rival, host) }
}

function rivalFor({ route, rivalOf }: RouteInput, host: string | null): string | undefined {
  return host === null ? undefined : rivalOf(host, route.metadata.namespace)
}

function advice(
  cause: Cause | undefined,
  host: string | null,
): Pick<StatusItem, 'cause' | 'whatToDo'> {
  if (cause === undefined) return { cause: null, whatToDo: null }
  return { cause, whatToDo: adviceOn(cause, host ?? 'DOMAIN').whatToDo }
}

/** To a user who may not see whose a host is. */
const NOT_MADE_OR_HELD =
  'tlsauto has not made a Certificate; is it running, or does the host belong to another namespace? ' +
  'You are not allowed to list DomainClaims: ask an administrator'

function statusWithoutCertificate(
  input: RouteInput,
  verdict: Verdict,
  host: string | null,
): DomainStatusOrNone {
  const unknown = { notAfter: null, nextRetry: null }
  const violation = violationAt(input, host)
  if (violation !== undefined) return { ...unknown, ...violated(violation) }
  const reason = reasonToLeave(input, verdict, host)
  if (reason !== undefined && verdict.kind === 'managed')
    return { ...unknown, ...unmanaged(reason) }
  const rival = rivalFor(input, host)
  if (rival !== undefined) return { ...unknown, ...heldElsewhere(rival, host) }
  if (reason !== undefined) return { ...unknown, ...unmanaged(reason) }
  const message = input.areHidden
    ? NOT_MADE_OR_HELD
    : 'tlsauto has not made a Certificate yet; is it running?'
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
  const below = host?.startsWith('*') === true ? ', or a host below it' : ''
  return {
    tlsStatus: 'failed',
    state: 'conflict',
    reason: 'HostHeldElsewhere',
    message: `namespace ${holder} holds ${host}${below}`,
  } as const
}

/** What is wrong with a host; without one, what is wrong with none of the hosts that the route is listed with. */
function violationAt({ route, violations }: RouteInput, host: string | null): Finding | undefined {
  if (violations.length === 0) return undefined
  if (host !== null) return violations.find(({ about }) => about === host)
  const hosts = new Set(hostsOf(route))
  return violations.find(({ about }) => !hosts.has(about))
}

/** It may serve what is not its namespace's, whoever makes its certificate. */
function violated(finding: Finding) {
  return {
    tlsStatus: 'failed',
    state: 'conflict',
    reason: finding.reason,
    message: wording(finding),
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
