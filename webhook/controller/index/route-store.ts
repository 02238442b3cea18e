import { isDeepStrictEqual } from 'node:util'
import { wildcardOver } from '../../../shared/certificates/cover.ts'
import { createMultimap } from '../../../shared/json/multimap.ts'
import { byAge, kindKeyOf } from '../../../shared/kube/object.ts'
import type { DnsName } from '../../../shared/names/dns-name.ts'
import { certificateNames, companionName, LONGEST_STEM } from '../../../shared/names/names.ts'
import { appOf, type Verdict } from '../../../shared/route/decide.ts'
import type { Settings } from '../../../shared/settings/settings.ts'
import type { Route } from '../../../shared/traefik/route.ts'

/** A stored route and what was decided about it alone. */
export type IndexedRoute = {
  readonly route: Route
  readonly settings: Settings
  readonly verdict: Verdict
}

/** The routes of the cluster by their keys (`Kind namespace/name`), and these by what leads to them. */
export type RouteStore = {
  /** Takes the place of what is stored under its key. */
  put(entry: IndexedRoute): void
  remove(key: string): void
  get(key: string): IndexedRoute | undefined
  all(): Iterable<IndexedRoute>
  /** The keys of all routes; of one namespace when given. */
  keys(namespace?: string): Iterable<string>
  /** The keys of the routes that serve a host in a namespace. */
  keysOfHost(namespace: string, host: string): Iterable<string>
  /** The same, the oldest first. */
  keysByAge(namespace: string, host: string): Iterable<string>
  /** The keys of the routes with hosts one label below a wildcard. */
  keysBelow(namespace: string, wildcard: string): Iterable<string>
  /** The keys of the routes whose hosts' own names give a Certificate this key (`namespace/name`). */
  keysOfName(certificate: string): Iterable<string>
  /** The keys of the routes that name a Secret (`namespace/name`) by their users' choice. */
  keysOfSecret(secret: string): Iterable<string>
  /** The keys of the routes whose companion has this name, which is too long to tell it. */
  keysOfCutCompanion(namespace: string, name: string): Iterable<string>
  /** The Certificate names that a route's own app gives its hosts, each with its hosts. */
  namesOf(entry: IndexedRoute): CertificateHosts
}

type CertificateHosts = ReadonlyMap<string, readonly DnsName[]>

/** An empty store. */
export function createRouteStore(): RouteStore {
  const routes = new Map<string, IndexedRoute>()
  const links = createLinks()
  const { link, namesOf } = links
  return {
    put: (entry) => {
      const key = kindKeyOf(entry.route)
      const before = routes.get(key)
      const isLinked = before !== undefined && hasSameLinks(before, entry)
      if (before !== undefined && !isLinked) link(key, before, 'remove')
      routes.set(key, entry)
      if (!isLinked) link(key, entry, 'add')
    },
    remove: (key) => {
      const entry = routes.get(key)
      if (entry === undefined) return
      routes.delete(key)
      link(key, entry, 'remove')
    },
    get: (key) => routes.get(key),
    all: () => routes.values(),
    keys: (namespace) =>
      namespace === undefined ? routes.keys() : links.ofNamespace.get(namespace),
    keysOfHost: (namespace, host) => links.ofHost.get(`${namespace}/${host}`),
    keysByAge: (namespace, host) => {
      const at = `${namespace}/${host}`
      const known = links.inOrder.get(at)
      if (known !== undefined) return known
      const keys = oldestFirst({ get: (key) => routes.get(key) }, links.ofHost.get(at))
      if (keys.length > 1) links.inOrder.set(at, keys)
      return keys
    },
    keysBelow: (namespace, wildcard) => links.below.get(`${namespace}/${wildcard}`),
    keysOfName: links.ofName.get,
    keysOfSecret: links.ofSecret.get,
    keysOfCutCompanion: (namespace, name) => links.ofCutCompanion.get(`${namespace}/${name}`),
    namesOf,
  }
}

/** What leads to the keys of routes. */
function createLinks() {
  const ofNamespace = createMultimap<string, string>()
  const ofHost = createMultimap<string, string>()
  const below = createMultimap<string, string>()
  const ofName = createMultimap<string, string>()
  const ofSecret = createMultimap<string, string>()
  const ofCutCompanion = createMultimap<string, string>()
  const inOrder = new Map<string, readonly string[]>()
  const namesOf = rememberingNames()
  const link = (key: string, entry: IndexedRoute, change: 'add' | 'remove'): void => {
    const { route, verdict } = entry
    const { namespace, name: routeName } = route.metadata
    ofNamespace[change](namespace, key)
    if (routeName.length > LONGEST_STEM) {
      ofCutCompanion[change](`${namespace}/${companionName(routeName)}`, key)
    }
    if (verdict.kind === 'unmanaged') return
    if (verdict.named) {
      ofSecret[change](`${namespace}/${verdict.secret}`, key)
      return
    }
    for (const host of verdict.hosts) {
      inOrder.delete(`${namespace}/${host}`)
      ofHost[change](`${namespace}/${host}`, key)
      below[change](`${namespace}/${wildcardOver(host)}`, key)
    }
    for (const name of namesOf(entry).keys()) ofName[change](`${namespace}/${name}`, key)
  }
  return { ofNamespace, ofHost, below, ofName, ofSecret, ofCutCompanion, inOrder, namesOf, link }
}

/** The keys of stored routes, the oldest first. */
export function oldestFirst(
  routes: Pick<RouteStore, 'get'>,
  keys: Iterable<string>,
): readonly string[] {
  return Array.from(keys)
    .flatMap((key) => routes.get(key) ?? [])
    .map(({ route }) => route)
    .sort(byAge)
    .map(kindKeyOf)
}

/** Those of routes with several hosts: for ten thousand with one, asking again costs less than remembering. */
function rememberingNames(): RouteStore['namesOf'] {
  const ofMany = new WeakMap<IndexedRoute, CertificateHosts>()
  return (entry) => {
    const known = ofMany.get(entry)
    if (known !== undefined) return known
    const names = namesIn(entry)
    if (names.size > 1) ofMany.set(entry, names)
    return names
  }
}

function namesIn({ route, settings, verdict }: IndexedRoute): CertificateHosts {
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
