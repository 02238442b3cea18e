import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import type { Sighting } from '../../../shared/claims/sightings.ts'
import {
  certificateKeysAround,
  certificateKeysOf,
  neighbours,
  nextKeysOf,
  routeKeysAt,
  routeKeysBelow,
  routeKeysOf,
  routeKeysOfCompanion,
  routeKeysUnder,
} from './affected-keys.ts'
import { places } from './claimants.ts'
import type { IndexState } from './index-state.ts'
import { oldestFirst, type IndexedRoute } from './route-store.ts'

/** For who asks what there is, and what a change concerns: keys, and hosts. */
export type IndexKeys = {
  /** The keys of all routes; of one namespace when given. */
  routeKeys(namespace?: string): readonly string[]
  /** The keys of all routes, the oldest first. */
  routeKeysByAge(): readonly string[]
  certificateKeys(): readonly string[]
  /** Where hosts are named, or claimed: for each namespace, at least once. */
  places(): Iterable<Pick<Sighting, 'host' | 'namespace'>>
  /** All hosts that are claimed, or named somewhere; some of them more than once. */
  allHosts(): Iterable<string>
  /** The keys (`Kind namespace/name`) of all that names a host. */
  keysNaming(host: string): readonly string[]
  /** The keys of the routes that may be free, or not any more, when this IngressRouteTCP changes. */
  neighbours(key: string): readonly string[]
  /** The keys of the routes whose companion, or its Middleware, has this name. */
  routeKeysOfCompanion(namespace: string, name: string): readonly string[]
  /** The keys of the routes of all namespaces for which it counts who holds a host: those that name it, or the
   * wildcard over it. */
  routeKeysAt(host: string): readonly string[]
  /** The keys of the managed routes with a host that one of these patterns names, or with a wildcard over it. */
  routeKeysUnder(patterns: readonly string[]): readonly string[]
  /** The keys of the routes that wildcards among these hosts cover, or could. */
  routeKeysBelow(namespace: string, hosts: readonly string[]): readonly string[]
  /** The keys of the managed routes that serve a Certificate's names. */
  routeKeysOf(certificate: Certificate): readonly string[]
  /** The keys of the Certificates that its hosts may get in its place. */
  nextKeysOf(certificate: Certificate): readonly string[]
  /** The keys of the Certificates that a route's hosts have or would have. */
  certificateKeysOf(route: IndexedRoute): Iterable<string>
  /** The keys of the Certificates of wildcards over these hosts, and of those that several hosts share. */
  certificateKeysAround(namespace: string, hosts: readonly string[]): Iterable<string>
}

/** The keys of an index. */
export function createKeys(state: IndexState): IndexKeys {
  const { routes, certificates, sightings } = state
  return {
    routeKeys: (namespace) => [...routes.keys(namespace)],
    routeKeysByAge: () => oldestFirst(routes, routes.keys()),
    certificateKeys: () => [...certificates.keys()],
    places: () => places(state),
    allHosts: function* allHosts() {
      for (const { host } of places(state)) yield host
    },
    keysNaming: sightings.keysOf,
    neighbours: (key) => neighbours(state, key),
    routeKeysOfCompanion: (namespace, name) => routeKeysOfCompanion(state, namespace, name),
    routeKeysAt: (host) => routeKeysAt(state, host),
    routeKeysUnder: (patterns) => routeKeysUnder(state, patterns),
    routeKeysBelow: (namespace, hosts) => routeKeysBelow(state, namespace, hosts),
    routeKeysOf: (certificate) => routeKeysOf(state, certificate),
    nextKeysOf: (certificate) => nextKeysOf(state, certificate),
    certificateKeysOf: (entry) => certificateKeysOf(state, entry),
    certificateKeysAround: (namespace, hosts) => certificateKeysAround(state, namespace, hosts),
  }
}
