import { compare, kindKeyOf, type KubeObject } from '../kube/object.ts'
import { createMultimap } from '../json/multimap.ts'
import { integerIn } from '../json/number.ts'
import { createSightingStore } from './sighting-store.ts'

/** The first sight of a host in a namespace. */
export type Sighting = {
  readonly host: string
  readonly namespace: string
  /** What was seen: `Kind namespace/name`. */
  readonly by: string
  /** The resourceVersion of the object by which it is known to have named the host. */
  readonly version: number
  /** The number of the sight; 0: it was there before anything was watched. */
  readonly order: number
  /** When that object was created (RFC 3339). */
  readonly created: string
}

/** Which namespaces name which hosts, and who did first. */
export type Sightings = {
  /** Puts what an object names in the place of what it named. Gives the hosts that came or went. */
  put(object: KubeObject, hosts: readonly string[]): readonly string[]
  /** What an object names, as it was put. */
  namedBy(object: KubeObject): readonly string[]
  /** From now on the order of what is written counts. An object's own age does not: a host can be added to an old
   * one; only among what was there before may it (`isByAge`), where nothing was claimed yet. */
  settle(isByAge: boolean): void
  /** Of two sights of a host, which was first. */
  readonly compare: (a: Sighting, b: Sighting) => number
  /** Where hosts one label below a wildcard are named in other namespaces than this, each host once for each. */
  belowOfOthers(wildcard: string, namespace: string): Iterable<Sighting>
  /** Where a host is named: once for each namespace, in no order. */
  of(host: string): Iterable<Sighting>
  /** The sight of a host in a namespace, while something there names it. */
  at(host: string, namespace: string): Sighting | undefined
  /** The keys (`Kind namespace/name`) of all that names a host. */
  keysOf(host: string): readonly string[]
  all(): Iterable<Sighting>
}

/** Nothing was seen yet. */
export function createSightings(): Sightings {
  const named = new Map<string, readonly string[]>()
  const store = createSightingStore<Sighting>()
  const objects = createMultimap<string, string>()
  let isSettled = false
  let isByAge = true
  let last = 0

  const add = (object: KubeObject, host: string): void => {
    const { namespace, creationTimestamp: created } = object.metadata
    const known = store.at(host, namespace)
    const by = kindKeyOf(object)
    objects.add(keyOf(host, namespace), by)
    const version = versionOf(object)
    if (known === undefined) {
      last += 1
      store.add({ host, namespace, by, version, created, order: isSettled ? last : 0 })
      return
    }
    const isOlder = !isSettled && compare(created, known.created) < 0
    if (!isOlder && version >= known.version) return
    store.remove(known)
    const least = { ...known, version: Math.min(version, known.version) }
    store.add(isOlder ? { ...least, by, created } : least)
  }

  const remove = (host: string, object: KubeObject): void => {
    const { namespace } = object.metadata
    const key = keyOf(host, namespace)
    objects.remove(key, kindKeyOf(object))
    const known = store.at(host, namespace)
    if (objects.has(key) || known === undefined) return
    store.remove(known)
  }

  return {
    put: (object, hosts) => {
      const key = kindKeyOf(object)
      const before = named.get(key) ?? []
      const [gone, come] = [without(before, hosts), without(hosts, before)]
      for (const host of gone) remove(host, object)
      for (const host of come) add(object, host)
      if (hosts.length === 0) named.delete(key)
      else named.set(key, hosts)
      return [...gone, ...come]
    },
    namedBy: (object) => named.get(kindKeyOf(object)) ?? [],
    settle: (counts) => {
      isSettled = true
      isByAge = counts
    },
    compare: (a, b) => (isByAge ? byAge(a, b) : byWrite(a, b)),
    belowOfOthers: store.belowOfOthers,
    of: store.of,
    at: store.at,
    keysOf: (host) =>
      Array.from(store.of(host)).flatMap(({ namespace }) => [
        ...objects.get(keyOf(host, namespace)),
      ]),
    all: store.all,
  }
}

function without(all: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others)
  return all.filter((one) => !known.has(one))
}

/** By age only where one of them was there before anything was watched. */
function byAge(a: Sighting, b: Sighting): number {
  const isOld = a.order === 0 || b.order === 0
  return isOld ? a.order - b.order || byCreation(a, b) : byWrite(a, b)
}

function byWrite(a: Sighting, b: Sighting): number {
  return a.version - b.version || a.order - b.order || byCreation(a, b)
}

function byCreation(a: Sighting, b: Sighting): number {
  return compare(a.created, b.created) || a.version - b.version || compare(a.by, b.by)
}

/** Versions are those of the whole cluster, and only grow. Since an object's last change it is what it is: so who
 * adds a host to an old object is later than who has named it meanwhile, also where both are heard of at once, in a
 * list, in whatever order. */
function versionOf({ metadata }: KubeObject): number {
  return integerIn(metadata.resourceVersion, { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? 0
}

function keyOf(host: string, namespace: string): string {
  return `${host} ${namespace}`
}
