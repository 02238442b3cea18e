import { primaryNames } from '../route/certifiable-hosts.ts'
import { appOf, type Verdict } from '../route/decide.ts'
import { isWildcard, type DnsName } from '../names/dns-name.ts'
import { byAge, compare } from '../kube/object.ts'
import { certificateNames, namesBeside, type CertificateNames } from '../names/names.ts'
import type { Settings } from '../settings/settings.ts'
import type { Route } from '../traefik/route.ts'
import {
  ADDED_NAMES,
  ADOPT,
  isHandedOver,
  type Certificate,
  type IssuerRef,
} from '../certmanager/certificate.ts'
import type { Options } from '../certmanager/options.ts'
import { createMultimap } from '../json/multimap.ts'

/** A route that tlsauto takes care of, with what was decided about it. */
export type ManagedRoute = {
  readonly route: Route
  readonly settings: Settings
  readonly verdict: Extract<Verdict, { kind: 'managed' }>
}

/** One host of a namespace: the oldest of the managed routes that serve it, and the Certificate of ours
 * that stands for it already. */
export type HostStanding = {
  readonly host: DnsName
  readonly oldest: ManagedRoute
  readonly existing: Certificate | undefined
  /** The wildcard's Certificate that serves the host too: then it needs none of its own. */
  readonly cover: Certificate | undefined
}

/** The same, with all that its Certificate depends on. */
export type HostClaim = HostStanding & {
  /** The managed routes that serve it; not empty, the oldest first. */
  readonly routes: readonly [ManagedRoute, ...ManagedRoute[]]
  /** Of a wildcard: the routes of other hosts that live off its Certificate. */
  readonly guests: readonly ManagedRoute[]
  /** The Certificate that it shared with another host (earlier versions did), until its own is served. */
  readonly former: Certificate | undefined
}

/** The Certificate that should be. */
export type DesiredCertificate = {
  readonly namespace: string
  readonly name: string
  readonly secretName: string
  /** Its hosts, and the names that an annotation adds to them. */
  readonly dnsNames: readonly DnsName[]
  readonly issuerRef: IssuerRef
  readonly options: Options
  /** The routes that need it, the oldest first. */
  readonly owners: readonly Route[]
}

/** The claims that a namespace's routes make, host by host; `routes` come oldest first. A route with
 * a Secret of the user's own choice makes none. */
export function hostClaims(
  routes: readonly ManagedRoute[],
  existing: (host: DnsName) => Certificate | undefined,
): readonly HostClaim[] {
  const byHost = new Map<DnsName, [ManagedRoute, ...ManagedRoute[]]>()
  for (const managed of routes) {
    if (managed.verdict.named) continue
    for (const host of managed.verdict.hosts) {
      const known = byHost.get(host)
      if (known === undefined) byHost.set(host, [managed])
      else known.push(managed)
    }
  }
  return [...byHost].map(([host, serving]) => ({
    host,
    oldest: serving[0],
    routes: serving,
    existing: existing(host),
    cover: undefined,
    guests: [],
    former: undefined,
  }))
}

/** One Certificate for each host, with the settings of its oldest route; none for a host that a wildcard
 * covers. A name once chosen stays: an existing Certificate keeps it, and all hosts for which it was handed
 * over. Where the plain name is another host's already, the host gets one with a hash: of hosts that have
 * none yet, the one with the oldest route has the plain name. `isTaken` tells whether a Certificate that is
 * there is another host's or another route's; one that only this host's routes need is put right. */
export function certificatesForHosts(
  claims: readonly HostClaim[],
  isTaken: (certificate: string, claim: HostClaim) => boolean,
): readonly DesiredCertificate[] {
  const own = claims.filter((claim) => claim.cover === undefined)
  const shares = sharesOf(own)
  const desired = createMultimap<HostClaim, DesiredCertificate>()
  const taken = new Set<string>()
  for (const { names, staying } of shares) {
    desired.add(staying[0], certificateFor(names, staying))
    taken.add(names.certificate)
  }
  const unnamed = [
    ...own.filter(({ existing }) => existing === undefined),
    ...shares.flatMap(({ leaving }) => leaving),
  ]
  for (const claim of unnamed.sort(byClaim)) {
    const names = freeNames(claim, (name) => taken.has(name) || isTaken(name, claim))
    desired.add(claim, certificateFor(names, [claim]))
    taken.add(names.certificate)
  }
  return own.flatMap((claim) => [...desired.get(claim)])
}

/** An existing Certificate, the hosts that it has to serve, and those of them that need one of their own. */
type Share = {
  readonly names: CertificateNames
  readonly staying: readonly [HostClaim, ...HostClaim[]]
  readonly leaving: readonly HostClaim[]
}

function sharesOf(claims: readonly HostClaim[]): readonly Share[] {
  const byName = new Map<string, [HostClaim, ...HostClaim[]]>()
  for (const claim of claims) {
    for (const certificate of [claim.existing, claim.former]) {
      if (certificate === undefined) continue
      const known = byName.get(certificate.metadata.name)
      if (known === undefined) byName.set(certificate.metadata.name, [claim])
      else known.push(claim)
    }
  }
  return [...byName].map(shareOf)
}

/** It goes on serving all of them, and all but one get their own, unless its owner handed it over as it is. */
function shareOf([certificate, claims]: readonly [
  string,
  readonly [HostClaim, ...HostClaim[]],
]): Share {
  const isIt = (one: Certificate | undefined): boolean => one?.metadata.name === certificate
  const secret = claims.flatMap(({ existing, former }) => [existing, former]).find(isIt)
    ?.spec.secretName
  const names = { certificate, secret: secret ?? '' }
  if (claims.length === 1 || isAdopted(claims[0])) return { names, staying: claims, leaving: [] }
  const staying = claims.filter(({ existing }) => isIt(existing)).sort(byClaim)
  return { names, staying: claims, leaving: staying.slice(1) }
}

/** Whoever was there first has the first choice of names. */
function byClaim(a: HostClaim, b: HostClaim): number {
  return byAge(a.oldest.route, b.oldest.route) || compare(a.host, b.host)
}

function freeNames(
  { host, oldest }: HostClaim,
  isTaken: (certificate: string) => boolean,
): CertificateNames {
  const app = appOf(oldest.route, oldest.settings)
  const plain = certificateNames(app, host)
  if (!isTaken(plain.certificate)) return plain
  // It has no end: another turn gives another hash.
  for (const names of namesBeside(app, host)) if (!isTaken(names.certificate)) return names
  return plain
}

/** The Certificates under Secret names of the users' own choice: one for all hosts of the routes
 * that name it, called like its Secret, as cert-manager's ingress-shim does for an Ingress. */
export function certificatesForNamed(
  routes: readonly ManagedRoute[],
): readonly DesiredCertificate[] {
  const bySecret = new Map<string, [ManagedRoute, ...ManagedRoute[]]>()
  for (const managed of routes) {
    if (!managed.verdict.named) continue
    const known = bySecret.get(managed.verdict.secret)
    if (known === undefined) bySecret.set(managed.verdict.secret, [managed])
    else known.push(managed)
  }
  // What has no name of its own left has nothing to certify.
  const own = [...bySecret].filter(([, sharing]) =>
    sharing.some((managed) => managed.verdict.hosts.length > 0),
  )
  return own.map(([secretName, sharing]) => ({
    namespace: sharing[0].route.metadata.namespace,
    name: secretName,
    secretName,
    ...namesAndOptions(sharing[0], new Set(sharing.flatMap((managed) => managed.verdict.hosts))),
    issuerRef: sharing[0].settings.issuer,
    owners: sharing.map((managed) => managed.route),
  }))
}

/** The Certificate that a host's routes count on, as far as there is one. */
export function certificateOf({ cover, existing }: HostStanding): Certificate | undefined {
  return cover ?? existing
}

/** What a host's Certificate and Secret are called: as they are, or as the oldest route's app says. */
export function nameOf(claim: HostStanding): CertificateNames {
  const certificate = certificateOf(claim)
  if (certificate !== undefined) {
    return { certificate: certificate.metadata.name, secret: certificate.spec.secretName }
  }
  const { host, oldest } = claim
  return certificateNames(appOf(oldest.route, oldest.settings), host)
}

function certificateFor(
  names: CertificateNames,
  claims: readonly [HostClaim, ...HostClaim[]],
): DesiredCertificate {
  const serving = claims.flatMap((claim) => claim.routes).sort((a, b) => byAge(a.route, b.route))
  const [oldest = claims[0].routes[0]] = serving
  const named = namesAndOptions(oldest, new Set(claims.map((claim) => claim.host)))
  return {
    namespace: oldest.route.metadata.namespace,
    name: names.certificate,
    secretName: names.secret,
    dnsNames: named.dnsNames,
    options: isAdopted(claims[0]) ? adopted(named.options) : named.options,
    issuerRef: wildcardIssuerFor(named.dnsNames, serving) ?? oldest.settings.issuer,
    owners: ownersOf([...serving, ...claims.flatMap((claim) => claim.guests)]),
  }
}

function ownersOf(routes: readonly ManagedRoute[]): readonly Route[] {
  return [...new Set(routes.map((managed) => managed.route))].sort(byAge)
}

function isAdopted({ existing }: HostClaim): boolean {
  return existing !== undefined && isHandedOver(existing)
}

/** It stays what it is, whatever becomes of the manifest that handed it over. */
function adopted({ annotations, spec }: Options): Options {
  return { annotations: { ...annotations, [ADOPT]: 'true' }, spec }
}

/** What the route whose settings count says of a Certificate for these hosts. Names beside the hosts are
 * for one Certificate alone, that of its primary host: with each of them, one dead name would take
 * all its certificates down. */
function namesAndOptions(
  { settings, verdict }: ManagedRoute,
  hosts: ReadonlySet<DnsName>,
): Pick<DesiredCertificate, 'dnsNames' | 'options'> {
  const { every, annotations } = settings.spec
  const [primary] = verdict.hosts
  if (primary === undefined || !hosts.has(primary)) {
    return { dnsNames: [...hosts], options: { annotations, spec: every } }
  }
  const { altNames, fields } = primaryNames(settings, [...hosts])
  const added = altNames.filter((name) => !hosts.has(name))
  const marked = added.length === 0 ? {} : { [ADDED_NAMES]: added.join(',') }
  return {
    dnsNames: [...hosts, ...added],
    options: { annotations: { ...annotations, ...marked }, spec: { ...every, ...fields } },
  }
}

/** With a wildcard among the names, the oldest route's issuer for wildcards, of those that have one. */
function wildcardIssuerFor(
  names: readonly DnsName[],
  serving: readonly ManagedRoute[],
): IssuerRef | undefined {
  if (!names.some(isWildcard)) return undefined
  const issuers = serving.map((managed) => managed.settings.wildcardIssuer)
  return issuers.find((issuer) => issuer !== undefined)
}
