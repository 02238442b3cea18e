import { primaryNames } from '../certifiable-hosts.ts'
import { appOf, type Verdict } from '../decide.ts'
import { isWildcard, type DnsName } from '../dns-name.ts'
import { byAge } from '../kube/object.ts'
import { certificateNames } from '../names.ts'
import type { Settings } from '../settings.ts'
import type { Route } from '../traefik/route.ts'
import {
  ADDED_NAMES,
  ADOPT,
  isHandedOver,
  type Certificate,
  type IssuerRef,
} from './certificate.ts'
import type { Options } from './options.ts'

/** A route that tlsauto takes care of, with what was decided about it. */
export type ManagedRoute = {
  readonly route: Route
  readonly settings: Settings
  readonly verdict: Extract<Verdict, { kind: 'managed' }>
}

/** One host of a namespace: the managed routes that serve it, and the Certificate of ours that
 * stands for it already. */
export type HostClaim = {
  readonly host: DnsName
  /** Not empty; the oldest first. */
  readonly routes: readonly [ManagedRoute, ...ManagedRoute[]]
  readonly existing: Certificate | undefined
  /** The wildcard's Certificate that serves the host too: then it needs none of its own. */
  readonly cover: Certificate | undefined
  /** Of a wildcard: the routes of other hosts that live off its Certificate. */
  readonly guests: readonly ManagedRoute[]
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
    routes: serving,
    existing: existing(host),
    cover: undefined,
    guests: [],
  }))
}

/** One Certificate for each host; hosts whose names come out equal share one, and a name once chosen
 * stays: an existing Certificate keeps it. The settings are those of the oldest route. A host that a
 * wildcard covers has none. */
export function certificatesForHosts(claims: readonly HostClaim[]): readonly DesiredCertificate[] {
  const byName = new Map<string, [HostClaim, ...HostClaim[]]>()
  for (const claim of claims) {
    if (claim.cover !== undefined) continue
    const name = nameOf(claim).certificate
    const known = byName.get(name)
    if (known === undefined) byName.set(name, [claim])
    else known.push(claim)
  }
  return [...byName.values()].map(certificateFor)
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
export function certificateOf({ cover, existing }: HostClaim): Certificate | undefined {
  return cover ?? existing
}

/** What a claim's Certificate and Secret are called: as they are, or as the oldest route's app says. */
export function nameOf(claim: HostClaim): {
  readonly certificate: string
  readonly secret: string
} {
  const certificate = certificateOf(claim)
  if (certificate !== undefined) {
    return { certificate: certificate.metadata.name, secret: certificate.spec.secretName }
  }
  const [oldest] = claim.routes
  return certificateNames(appOf(oldest.route, oldest.settings), claim.host)
}

function certificateFor(claims: readonly [HostClaim, ...HostClaim[]]): DesiredCertificate {
  const serving = claims.flatMap((claim) => claim.routes).sort((a, b) => byAge(a.route, b.route))
  const [oldest = claims[0].routes[0]] = serving
  const named = namesAndOptions(oldest, new Set(claims.map((claim) => claim.host)))
  const kept = claims.find((claim) => claim.existing !== undefined) ?? claims[0]
  const names = nameOf(kept)
  return {
    namespace: oldest.route.metadata.namespace,
    name: names.certificate,
    secretName: names.secret,
    dnsNames: named.dnsNames,
    options: isAdopted(kept) ? adopted(named.options) : named.options,
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
