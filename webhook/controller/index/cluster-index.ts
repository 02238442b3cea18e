import { isDeepStrictEqual } from 'node:util'
import { hostsOf, type Certificate } from '../../../shared/certmanager/certificate.ts'
import { wildcardOver } from '../../../shared/certificates/cover.ts'
import {
  nameOf,
  type HostClaim,
  type HostStanding,
  type ManagedRoute,
} from '../../../shared/certificates/desired.ts'
import { appOf, decide, type Verdict } from '../../../shared/route/decide.ts'
import { isWildcard, parseDnsName, type DnsName } from '../../../shared/names/dns-name.ts'
import { byAge, keyOf, kindKeyOf, type KubeObject } from '../../../shared/kube/object.ts'
import { claimantOf, isHeldElsewhere } from '../../../shared/claims/claimant.ts'
import type { DomainClaim } from '../../../shared/claims/domain-claim.ts'
import { createHostHolders, type HostHolders } from '../../../shared/claims/host-holders.ts'
import {
  certificateNames,
  companionName,
  LONGEST_STEM,
  routeOfCompanion,
} from '../../../shared/names/names.ts'
import { besideStrangers, type TakenNames } from '../../../shared/route/taken-names.ts'
import { isOld } from '../../../shared/route/old-route.ts'
import { createMultimap } from '../../../shared/json/multimap.ts'
import { notedHosts } from '../../../shared/route/our-choice.ts'
import { isCompanion, isOurs } from '../../../shared/kube/ours.ts'
import { seenHosts, type Ingress } from '../../../shared/route/seen-hosts.ts'
import { createSightings, type Sighting } from '../../../shared/claims/sightings.ts'
import {
  resolveSettings,
  type ClusterSettings,
  type NamespaceSettings,
  type Settings,
} from '../../../shared/settings/settings.ts'
import {
  besideTcp,
  createTcpServices,
  tlsHosts,
  type TcpServices,
} from '../../../shared/route/tcp-services.ts'
import { hostPatterns } from '../../../shared/traefik/host-patterns.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import { routeReach } from '../../../shared/traefik/rule-reach.ts'
import { createAnswers } from './answers.ts'
import { createCertificateStore, isShared } from './certificate-store.ts'
import { redirectsOf } from '../plan/companion-object.ts'
import { claimsAround } from './claims.ts'
import type { ClaimState } from '../plan/plan-claim.ts'
import { coverOf, createWildcards, type Wildcards } from './wildcards.ts'
import type { Middleware } from '../plan/redirect-middleware.ts'
import { takeAtOnce, type Steps } from '../../runtime/slices.ts'

/** A stored route and what was decided about it alone. */
export type IndexedRoute = {
  readonly route: Route
  readonly settings: Settings
  readonly verdict: Verdict
}

/** A decision, and the settings of the namespace that it was made under. */
type Decided = { readonly namespace: NamespaceSettings | undefined; readonly entry: IndexedRoute }

/** What the controller keeps in memory, with look-ups in constant time. A Certificate's key is
 * `namespace/name`, a route's has its kind before it. */
export type ClusterIndex = {
  setInstalledAt(time: string | undefined): void
  /** Its routes are to be decided about again. */
  putNamespace(name: string, settings: NamespaceSettings): void
  removeNamespace(name: string): void
  /** What puts or removes a route or an Ingress gives the hosts that it names now and did not name before, or
   * the other way round. */
  putRoute(route: Route): readonly string[]
  /** The same, in steps: after each the route is there as a whole, or not yet. */
  puttingRoute(route: Route): Steps<readonly string[]>
  /** Decides again about a stored route, under the settings that its namespace has now. */
  decideAgain(key: string): void
  removeRoute(route: Route): readonly string[]
  removingRoute(route: Route): Steps<readonly string[]>
  putIngress(ingress: Ingress): readonly string[]
  removeIngress(ingress: Ingress): readonly string[]
  putClaim(claim: DomainClaim): void
  removeClaim(claim: DomainClaim): void
  /** Every first list is in: from now on hosts count as seen in the order of what is written. */
  beginOrder(): void
  putCertificate(certificate: Certificate): void
  removeCertificate(certificate: Certificate): void
  putMiddleware(middleware: Middleware): void
  removeMiddleware(middleware: Middleware): void
  /** A Middleware, ours or not. */
  middleware(key: string): Middleware | undefined
  namespace(name: string): NamespaceSettings | undefined
  readonly holderOf: HostHolders['holderOf']
  readonly rivalOf: HostHolders['rivalOf']
  /** Whether a host belongs to another namespace, or will as soon as it is claimed. */
  isHeldElsewhere(host: string, namespace: string): boolean
  /** What there is to know about the claim of a host. */
  claimState(host: string): ClaimState
  /** Whether a host would be this namespace's if that could have one more claim. */
  isClaimLimited(host: string, namespace: string): boolean
  /** Whether routes or Ingresses of a namespace are not read, too long as they are or more than it has memory for: the hosts that
   * it claimed count as named. */
  hasUnread(namespace: string): boolean
  /** Where hosts are named, or claimed: for each namespace, at least once. */
  places(): Iterable<Pick<Sighting, 'host' | 'namespace'>>
  /** The keys (`Kind namespace/name`) of all that names a host. */
  keysNaming(host: string): readonly string[]
  /** All hosts that are claimed, or named somewhere; some of them more than once. */
  allHosts(): Iterable<string>
  /** The keys of the routes that may be free, or not any more, when this IngressRouteTCP changes. */
  neighbours(key: string): readonly string[]
  /** The keys of the routes whose companion, or its Middleware, has this name. */
  routeKeysOfCompanion(namespace: string, name: string): readonly string[]
  readonly takenNames: TakenNames
  /** Whether a Certificate's carrier is there. */
  isCarried(certificate: Certificate): boolean
  /** The keys of the routes of all namespaces for which it counts who holds a host: those that name it, or the
   * wildcard over it. */
  routeKeysAt(host: string): readonly string[]
  /** The keys of the managed routes with a host that one of these patterns names, or with a wildcard over it. */
  routeKeysUnder(patterns: readonly string[]): readonly string[]
  /** The first of a route's hosts that an IngressRouteTCP serves, which HTTPS would take away. */
  readonly servedByTcp: TcpServices['servedBy']
  route(key: string): IndexedRoute | undefined
  /** What was decided about a route among the others of its namespace. */
  verdict(key: string): Verdict | undefined
  certificate(key: string): Certificate | undefined
  /** The keys of all routes; of one namespace when given. */
  routeKeys(namespace?: string): readonly string[]
  /** The keys of all routes, the oldest first. */
  routeKeysByAge(): readonly string[]
  /** The keys of the managed routes that serve a Certificate's names. */
  routeKeysOf(certificate: Certificate): readonly string[]
  /** The keys of the Certificates that its hosts may get in its place. */
  nextKeysOf(certificate: Certificate): readonly string[]
  /** The keys of the routes that wildcards among these hosts cover, or could. */
  routeKeysBelow(namespace: string, hosts: readonly string[]): readonly string[]
  /** The keys of the Certificates of wildcards over these hosts, and of those that several hosts share. */
  certificateKeysAround(namespace: string, hosts: readonly string[]): Iterable<string>
  certificateKeys(): readonly string[]
  certificates(): Iterable<Certificate>
  /** Whether a route is older than tlsauto here, and so left alone. */
  isOld(key: string): boolean
  /** Has the oldest route that is left alone for its age be taken care of, and gives its key. */
  takeOnOldest(): string | undefined
  /** Whether tlsauto takes care of it: decided so, and not older than tlsauto itself. */
  managed(key: string): ManagedRoute | undefined
  /** The keys of the Certificates that a route's hosts have or would have. */
  certificateKeysOf(route: IndexedRoute): Iterable<string>
  /** How a route's own hosts stand. */
  standingsOf(route: IndexedRoute): Iterable<HostStanding>
  readonly hasGuests: Wildcards['hasGuests']
  /** The claims that a decision about a Certificate depends on. */
  claimsAround(key: string): readonly HostClaim[]
  /** Whether a Certificate's name can't be this host's: one of ours has it that is another's, or routes want it for
   * the Secret that they name themselves. */
  isTaken(key: string, claim: HostClaim): boolean
  /** The managed routes that name this Secret by their users' choice, oldest first. */
  namedRoutes(key: string): readonly ManagedRoute[]
}

/** An empty index. `maxClaims`: how many DomainClaims of tlsauto's a namespace may have; 0: no limit. */
export function createClusterIndex(
  cluster: ClusterSettings,
  { maxClaims = 0 }: { readonly maxClaims?: number } = {},
): ClusterIndex {
  const namespaces = new Map<string, NamespaceSettings>()
  const routes = new Map<string, IndexedRoute>()
  const certificates = createCertificateStore()
  const middlewares = new Map<string, Middleware>()
  const routesOfNamespace = createMultimap<string, string>()
  const routesOfHost = createMultimap<string, string>()
  const routesBelow = createMultimap<string, string>()
  const routesOfName = createMultimap<string, string>()
  const routesOfSecret = createMultimap<string, string>()
  const holders = createHostHolders()
  const sightings = createSightings()
  const unread = createMultimap<string, string>()
  let noted: ReadonlyMap<string, string> = new Map()
  const tcpServices = createTcpServices(cluster)
  const takenOn = new Set<string>()
  let installedAt: string | undefined
  const inOrder = new Map<string, readonly string[]>()
  const managedBy = createAnswers<ManagedRoute | undefined>()
  const standings = createAnswers<HostStanding | undefined>()
  const served = createAnswers<ReturnType<Wildcards['servedOf']>>()
  const forgetAnswers = (): void => {
    for (const answers of [managedBy, standings, served]) answers.forget()
  }
  const changing =
    <A extends readonly unknown[], R>(change: (...args: A) => R) =>
    (...args: A): R => {
      forgetAnswers()
      return change(...args)
    }

  // Of routes with several hosts: for ten thousand with one, asking again costs less than remembering.
  const namesOfMany = new WeakMap<IndexedRoute, ReturnType<typeof namesIn>>()
  const ownNames = (entry: IndexedRoute): ReturnType<typeof namesIn> => {
    const known = namesOfMany.get(entry)
    if (known !== undefined) return known
    const names = namesIn(entry)
    if (names.size > 1) namesOfMany.set(entry, names)
    return names
  }

  const link = (key: string, entry: IndexedRoute, change: 'add' | 'remove'): void => {
    const { route, verdict } = entry
    const { namespace } = route.metadata
    routesOfNamespace[change](namespace, key)
    if (verdict.kind === 'unmanaged') return
    if (verdict.named) {
      routesOfSecret[change](`${namespace}/${verdict.secret}`, key)
      return
    }
    for (const host of verdict.hosts) {
      inOrder.delete(`${namespace}/${host}`)
      routesOfHost[change](`${namespace}/${host}`, key)
      routesBelow[change](`${namespace}/${wildcardOver(host)}`, key)
    }
    for (const name of ownNames(entry).keys()) routesOfName[change](`${namespace}/${name}`, key)
  }

  const verdictOf = (key: string): Verdict | undefined => {
    const entry = routes.get(key)
    if (entry === undefined) return undefined
    const verdict = besideTcp(entry.verdict, entry.route, tcpServices.servedBy)
    return besideStrangers(verdict, entry, takenNames)
  }

  const managed = (key: string): ManagedRoute | undefined =>
    managedBy.of(key, () => {
      const entry = routes.get(key)
      const verdict = verdictOf(key)
      if (entry === undefined || verdict?.kind !== 'managed' || isOldEntry(entry)) return undefined
      const { route, settings } = entry
      return { route, settings, verdict }
    })

  const isOldEntry = (entry: IndexedRoute): boolean => {
    const { route, settings } = entry
    const { namespace, uid } = route.metadata
    if (takenOn.has(uid)) return false
    const owned = certificates.isOwner(namespace, uid)
    return isOld({ route, settings, installedAt, owned })
  }

  const managedRoutes = (keys: Iterable<string>): readonly ManagedRoute[] =>
    Array.from(keys).flatMap((key) => managed(key) ?? [])

  const oldestFirst = (keys: Iterable<string>): readonly string[] =>
    Array.from(keys)
      .flatMap((key) => routes.get(key) ?? [])
      .map(({ route }) => route)
      .sort(byAge)
      .map(kindKeyOf)

  /** The keys of the routes that serve a host, the oldest first. */
  const keysHere = (namespace: string, host: string): Iterable<string> => {
    const at = `${namespace}/${host}`
    const known = inOrder.get(at)
    if (known !== undefined) return known
    const keys = oldestFirst(routesOfHost.get(at))
    if (keys.length > 1) inOrder.set(at, keys)
    return keys
  }

  const certificateKeysOf = function* certificateKeysOf(entry: IndexedRoute): Generator<string> {
    const { route, verdict } = entry
    const { namespace } = route.metadata
    // Of a companion those that it redirects to: they may be free to go when it serves again.
    if (isCompanion(route)) {
      for (const host of redirectsOf(route)) yield* certificates.keysOfHost(namespace, host)
    } else if (verdict.kind === 'managed' && verdict.named) {
      yield `${namespace}/${verdict.secret}`
    } else if (verdict.kind === 'managed') {
      for (const name of ownNames(entry).keys()) yield `${namespace}/${name}`
      for (const host of verdict.hosts) yield* certificates.keysOfHost(namespace, host)
      yield* certificateKeysAround(namespace, verdict.hosts)
    }
  }

  const certificateKeysAround = function* certificateKeysAround(
    namespace: string,
    hosts: readonly string[],
  ): Generator<string> {
    const wildcards = new Set(hosts.flatMap((host) => wildcardOver(host) ?? []))
    for (const wildcard of wildcards) yield* certificates.keysOfHost(namespace, wildcard)
    for (const host of hosts) {
      for (const key of certificates.keysOfHost(namespace, host)) {
        const certificate = certificates.get(key)
        if (certificate !== undefined && isShared(certificate)) yield key
      }
    }
  }

  /** The hosts that come, or came, under a Certificate's name. */
  const hostsUnder = (key: string): readonly string[] => {
    const name = key.slice(key.indexOf('/') + 1)
    const entries = [...routesOfName.get(key)].flatMap((route) => routes.get(route) ?? [])
    return [
      ...entries.flatMap((entry) => ownNames(entry).get(name) ?? []),
      ...(certificates.get(key)?.spec.dnsNames ?? []),
    ]
  }

  const isNamed = (certificate: string): boolean =>
    Array.from(routesOfSecret.get(certificate)).some((key) => managed(key) !== undefined)

  /** The managed routes that serve a host, the oldest first. */
  const routesHere = (namespace: string, host: string): readonly ManagedRoute[] =>
    managedRoutes(keysHere(namespace, host))

  const oldestHere = (namespace: string, host: string): ManagedRoute | undefined => {
    for (const key of keysHere(namespace, host)) {
      const one = managed(key)
      if (one !== undefined) return one
    }
    return undefined
  }

  const isElsewhere = (host: string, namespace: string): boolean =>
    isHeldElsewhere({ host, namespace }, { holders, sightings, isFull, claimant: claimantHere })

  /** Whether tlsauto has made a certificate that serves the host. */
  const hasCertificate = (namespace: string, host: string): boolean =>
    hostPatterns(host)
      .flatMap((pattern) => [...certificates.keysOfHost(namespace, pattern)])
      .flatMap((key) => certificates.get(key) ?? [])
      .some(isOurs)

  const claimRoom = (namespace: string): number =>
    maxClaims === 0 ? Infinity : maxClaims - holders.countOf(namespace)

  const isFull = (namespace: string): boolean => claimRoom(namespace) <= 0

  /** What was noted before there were claims goes before the order of sight. */
  const claimantHere = (host: string): Sighting | undefined => {
    const note = holders.holderOf(host) === undefined ? noted.get(host) : undefined
    const known = note === undefined || isFull(note) ? undefined : sightings.at(host, note)
    return known ?? claimantOf(host, { holders, sightings, isFull })
  }

  /** What the routes that are not read name is unknown: it may be all that the namespace has. */
  const isNamedIn = (namespace: string, host: string): boolean =>
    sightings.at(host, namespace) !== undefined || unread.has(namespace)

  const claimState = (host: string): ClaimState => {
    const claim = holders.claimOf(host)
    const isSeen = claim !== undefined && isNamedIn(claim.spec.namespace, host)
    const claimant = claim === undefined ? claimantHere(host) : undefined
    return { host, claim, isSeen, claimant, room: claimRoom(claimant?.namespace ?? '') }
  }

  const isClaimLimited = (host: string, namespace: string): boolean =>
    isFull(namespace) &&
    holders.claimOf(host) === undefined &&
    claimantHere(host)?.namespace === namespace

  const standingOf = (namespace: string, host: string): HostStanding | undefined =>
    standings.of(`${namespace}/${host}`, () => {
      const parsed = parseDnsName(host)
      const oldest = oldestHere(namespace, host)
      if (parsed.kind !== 'name' || oldest === undefined) return undefined
      const standing = { host: parsed.name, oldest, existing: certificateOfHost(namespace, host) }
      if (isElsewhere(host, namespace)) return contested(standing)
      const servedOf: Parameters<typeof coverOf>[1] = (wildcard) =>
        served.of(`${namespace}/${wildcard}`, () => wildcards.servedOf(namespace, wildcard))
      return { ...standing, cover: coverOf(standing, servedOf) }
    })

  const claimOf = (namespace: string, host: string): HostClaim | undefined => {
    const standing = standingOf(namespace, host)
    const [first, ...others] = routesHere(namespace, host)
    if (standing === undefined || first === undefined) return undefined
    const { existing } = standing
    const guests = isWildcard(standing.host) && existing ? wildcards.guestsOf(existing) : []
    return { ...standing, routes: [first, ...others], guests, former: formerOf(namespace, host) }
  }

  /** Whether another host has a Certificate, or another route that is there counts on it. One that a hand
   * changed, so that it is nobody's, still belongs to the routes that own it. */
  const isOthers = (certificate: Certificate, claim: HostClaim): boolean => {
    const { namespace, ownerReferences } = certificate.metadata
    const own = new Set(claim.routes.map(({ route }) => route.metadata.uid))
    return (
      ownerReferences.some(
        ({ kind, name, uid }) =>
          !own.has(uid) && routes.get(`${kind} ${namespace}/${name}`)?.route.metadata.uid === uid,
      ) ||
      hostsOf(certificate).some((host) => standingOf(namespace, host)?.existing === certificate)
    )
  }

  /** The Certificate that a host shares with others, while its own is not served. */
  const formerOf = (namespace: string, host: string): Certificate | undefined => {
    const [own, ...others] = certificates.ofHost(namespace, host, isNamed)
    const former = others.find(isShared)
    if (own === undefined || former === undefined || isShared(own)) return undefined
    return wildcards.isServing(own, routesHere(namespace, host)) ? undefined : former
  }

  const isCarried = (certificate: Certificate): boolean => {
    const carrier = routes.get(`IngressRoute ${keyOf(certificate)}`)?.route
    return (
      carrier !== undefined &&
      isOurs(carrier) &&
      carrier.spec.tls?.secretName === certificate.spec.secretName
    )
  }

  const takenNames: TakenNames = {
    isCompanionTaken: ({ metadata }) => {
      const key = `${metadata.namespace}/${companionName(metadata.name)}`
      const companion = routes.get(`IngressRoute ${key}`)?.route
      const middleware = middlewares.get(key)
      return (
        (companion !== undefined && !isCompanion(companion)) ||
        (middleware !== undefined && !isOurs(middleware))
      )
    },
    isCarrierTaken: (namespace, certificate) => {
      const carrier = routes.get(`IngressRoute ${namespace}/${certificate}`)?.route
      return carrier !== undefined && !isOurs(carrier)
    },
    certificateOf: (namespace, host) => certificateOfHost(namespace, host)?.metadata.name,
  }

  const routeKeysOfCompanion = (namespace: string, name: string): readonly string[] => {
    const found = routeOfCompanion(name)
    if (found === undefined) return []
    if (found !== 'cut') return [`IngressRoute ${namespace}/${found.route}`]
    return Array.from(routesOfNamespace.get(namespace)).filter((key) => {
      const route = routes.get(key)?.route.metadata.name ?? ''
      return route.length > LONGEST_STEM && companionName(route) === name
    })
  }

  const keysBeside = (tcp: Route): readonly string[] => {
    const { namespace } = tcp.metadata
    const hosts = tlsHosts(tcp)
    if (hosts.some((host) => host.startsWith('*'))) return [...routesOfNamespace.get(namespace)]
    return hosts
      .flatMap(hostPatterns)
      .flatMap((host) => [...routesOfHost.get(`${namespace}/${host}`)])
  }

  const certificateOfHost = (namespace: string, host: string): Certificate | undefined =>
    certificates.ofHost(namespace, host, isNamed)[0]

  const wildcards = createWildcards({
    routesOf: routesHere,
    oldestOf: oldestHere,
    certificateOf: certificateOfHost,
    hostsBelow: (namespace, wildcard) =>
      new Set(
        Array.from(routesBelow.get(`${namespace}/${wildcard}`)).flatMap((key) => {
          const verdict = routes.get(key)?.verdict
          if (verdict?.kind !== 'managed') return []
          return verdict.hosts.filter((host) => wildcardOver(host) === wildcard)
        }),
      ),
    standingOf,
    isCarried,
  })

  const noteUnread = (object: KubeObject, isUnread: boolean): void =>
    unread[isUnread ? 'add' : 'remove'](object.metadata.namespace, kindKeyOf(object))

  /** What is decided about a route alone, under the settings that its namespace has now. */
  const decided = (route: Route): Decided => {
    const namespace = namespaces.get(route.metadata.namespace)
    const settings = resolveSettings({ cluster, namespace, route: route.metadata.annotations })
    return { namespace, entry: { route, settings, verdict: decide(route, settings) } }
  }

  const store = (entry: IndexedRoute): void => {
    const { route } = entry
    const key = kindKeyOf(route)
    const before = routes.get(key)
    const isLinked = before !== undefined && hasSameLinks(before, entry)
    if (before !== undefined && !isLinked) link(key, before, 'remove')
    routes.set(key, entry)
    tcpServices.put(route)
    noteUnread(route, isUnread(route))
    if (!isLinked) link(key, entry, 'add')
  }

  /** Its hosts are seen before it is there, and out of sight after it has gone: they are claimed before they get
   * Certificates. */
  const puttingRoute = function* puttingRoute(route: Route): Steps<readonly string[]> {
    routeReach(route) // the longest part of all that follows; it is remembered
    yield
    const hosts = seenHosts(route)
    const { namespace, entry } = decided(route)
    yield
    forgetAnswers()
    const all = new Set([...sightings.namedBy(route), ...hosts])
    const come = sightings.put(route, all.size === hosts.length ? hosts : [...all])
    yield
    forgetAnswers()
    const isSame = namespaces.get(route.metadata.namespace) === namespace
    store(isSame ? entry : decided(route).entry)
    if (all.size === hosts.length) return come
    yield
    forgetAnswers()
    return [...sightings.put(route, hosts), ...come]
  }

  const removingRoute = function* removingRoute(route: Route): Steps<readonly string[]> {
    const key = kindKeyOf(route)
    const entry = routes.get(key)
    forgetAnswers()
    routes.delete(key)
    tcpServices.remove(route)
    noteUnread(route, false)
    if (entry !== undefined) link(key, entry, 'remove')
    yield
    forgetAnswers()
    return sightings.put(route, [])
  }

  return {
    setInstalledAt: changing((time) => {
      installedAt = time
    }),
    putNamespace: changing((name, settings) => {
      holders.setNamespace(name, settings)
      namespaces.set(name, settings)
    }),
    removeNamespace: changing((name) => {
      holders.setNamespace(name, undefined)
      namespaces.delete(name)
    }),
    putRoute: (route) => takeAtOnce(puttingRoute(route)),
    puttingRoute,
    decideAgain: changing((key) => {
      const entry = routes.get(key)
      if (entry !== undefined) store(decided(entry.route).entry)
    }),
    removeRoute: (route) => takeAtOnce(removingRoute(route)),
    removingRoute,
    putIngress: changing((ingress) => {
      noteUnread(ingress, ingress.isCut)
      return sightings.put(ingress, ingress.hosts)
    }),
    removeIngress: changing((ingress) => {
      noteUnread(ingress, false)
      return sightings.put(ingress, [])
    }),
    putClaim: changing(holders.putClaim),
    removeClaim: changing(holders.removeClaim),
    beginOrder: changing(() => {
      const moving = isMoving(holders.claims())
      sightings.settle(moving)
      noted = moving ? notedBefore(routes.values(), hasCertificate) : new Map()
    }),
    putCertificate: changing(certificates.put),
    removeCertificate: changing(certificates.remove),
    putMiddleware: changing((one) => {
      middlewares.set(keyOf(one), one)
    }),
    removeMiddleware: changing((one) => middlewares.delete(keyOf(one))),
    middleware: (key) => middlewares.get(key),
    routeKeysOfCompanion,
    takenNames,
    isCarried,
    namespace: (name) => namespaces.get(name),
    holderOf: holders.holderOf,
    rivalOf: holders.rivalOf,
    isHeldElsewhere: isElsewhere,
    claimState,
    isClaimLimited,
    hasUnread: unread.has,
    places: function* places() {
      yield* sightings.all()
      for (const { spec } of holders.claims()) yield spec
    },
    keysNaming: sightings.keysOf,
    allHosts: function* allHosts() {
      for (const { host } of sightings.all()) yield host
      for (const { spec } of holders.claims()) yield spec.host
    },
    neighbours: (key) => {
      const route = routes.get(key)?.route
      if (route === undefined) return []
      const { namespace, name } = route.metadata
      return [...keysBeside(route), ...routeKeysOfCompanion(namespace, name)]
    },
    routeKeysAt: (host) => {
      const wildcard = wildcardOver(host)
      return [host, ...(wildcard === undefined ? [] : [wildcard])].flatMap(sightings.keysOf)
    },
    routeKeysUnder: (patterns) => {
      const named = new Set([...patterns, ...patterns.flatMap((one) => wildcardOver(one) ?? [])])
      return Array.from(routes).flatMap(([key, { verdict }]) =>
        verdict.kind === 'managed' && verdict.hosts.some((host) => isUnder(host, named))
          ? [key]
          : [],
      )
    },
    servedByTcp: tcpServices.servedBy,
    route: (key) => routes.get(key),
    verdict: verdictOf,
    certificate: certificates.get,
    routeKeysOf: (certificate) =>
      certificate.spec.dnsNames.flatMap((host) => [
        ...routesOfHost.get(`${certificate.metadata.namespace}/${host}`),
      ]),
    nextKeysOf: ({ metadata: { namespace }, spec }) =>
      spec.dnsNames.flatMap((host) => {
        const oldest = standingOf(namespace, host)
        return oldest === undefined ? [] : [`${namespace}/${nameOf(oldest).certificate}`]
      }),
    takeOnOldest: changing(() => {
      let oldest: Route | undefined
      for (const entry of routes.values()) {
        if (entry.verdict.kind !== 'managed' || !isOldEntry(entry)) continue
        if (oldest === undefined || byAge(entry.route, oldest) < 0) oldest = entry.route
      }
      if (oldest === undefined) return undefined
      takenOn.add(oldest.metadata.uid)
      return kindKeyOf(oldest)
    }),
    isOld: (key) => {
      const entry = routes.get(key)
      return entry !== undefined && isOldEntry(entry)
    },
    routeKeys: (namespace) => [
      ...(namespace === undefined ? routes.keys() : routesOfNamespace.get(namespace)),
    ],
    routeKeysByAge: () =>
      Array.from(routes.values(), ({ route }) => route)
        .sort(byAge)
        .map(kindKeyOf),
    certificateKeys: () => [...certificates.keys()],
    certificates: certificates.all,
    managed,
    certificateKeysOf,
    routeKeysBelow: (namespace, hosts) =>
      hosts
        .filter((host) => host.startsWith('*'))
        .flatMap((wildcard) => [...routesBelow.get(`${namespace}/${wildcard}`)]),
    certificateKeysAround,
    *standingsOf({ route, verdict }) {
      if (verdict.kind === 'unmanaged' || verdict.named) return
      for (const host of verdict.hosts) {
        const standing = standingOf(route.metadata.namespace, host)
        if (standing !== undefined) yield standing
      }
    },
    hasGuests: wildcards.hasGuests,
    claimsAround: (key) => claimsAround(key, { hostsUnder, standingOf, claimOf }),
    isTaken: (key, claim) => {
      const certificate = certificates.get(key)
      if (certificate === undefined || !isOurs(certificate)) return isNamed(key)
      return isNamed(key) || isOthers(certificate, claim)
    },
    namedRoutes: (key) => managedRoutes(oldestFirst(routesOfSecret.get(key))),
  }
}

/** Where another namespace holds a host nothing is made; what is there already stays, as it is. */
function contested(standing: Omit<HostStanding, 'cover'>): HostStanding | undefined {
  const { existing } = standing
  if (existing === undefined || !isOurs(existing)) return undefined
  return { ...standing, cover: undefined }
}

function isUnread(route: Route): boolean {
  return route.isCut || routeReach(route).isTooLong
}

function isUnder(host: string, patterns: ReadonlySet<string>): boolean {
  return hostPatterns(host).some((pattern) => patterns.has(pattern))
}

/** Whether no host was ever claimed by tlsauto here: it is new, or comes from a tlsauto that noted claims on routes. */
function isMoving(claims: Iterable<DomainClaim>): boolean {
  return [...claims].every((claim) => !isOurs(claim))
}

/** The hosts that were noted on routes, each with its namespace, as far as tlsauto made a certificate there: a note
 * alone can be anybody's. */
function notedBefore(
  entries: Iterable<IndexedRoute>,
  hasCertificate: (namespace: string, host: string) => boolean,
): ReadonlyMap<string, string> {
  const routes = Array.from(entries, ({ route }) => route).sort(byAge)
  // Of several notes the oldest route's counts: the last that is set.
  return new Map(
    routes.toReversed().flatMap((route) => {
      const { namespace } = route.metadata
      return notedHosts(route)
        .filter((host) => hasCertificate(namespace, host))
        .map((host): [string, string] => [host, namespace])
    }),
  )
}

/** The Certificate names that a route's own app gives its hosts, each with its hosts. */
function namesIn({
  route,
  settings,
  verdict,
}: IndexedRoute): ReadonlyMap<string, readonly DnsName[]> {
  if (verdict.kind === 'unmanaged' || verdict.named) return new Map()
  return Map.groupBy(
    verdict.hosts,
    (host) => certificateNames(appOf(route, settings), host).certificate,
  )
}

/** Whether two versions of a route are found by the same keys, in the same order. */
function hasSameLinks(a: IndexedRoute, b: IndexedRoute): boolean {
  return isDeepStrictEqual(linksOf(a), linksOf(b))
}

function linksOf({ route, settings, verdict }: IndexedRoute): unknown {
  const { uid, creationTimestamp } = route.metadata
  if (verdict.kind === 'unmanaged') return [uid, creationTimestamp]
  const { named, secret, hosts } = verdict
  return [uid, creationTimestamp, appOf(route, settings), named && secret, hosts]
}
