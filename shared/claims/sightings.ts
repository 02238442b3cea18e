import { wildcardOver } from '../certificates/cover.ts'
import { compare, kindKeyOf, type KubeObject } from '../kube/object.ts'
import { createMultimap } from '../json/multimap.ts'
import { integerIn } from '../json/number.ts'

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
  const sightings = new Map<string, Sighting>()
  const sightingsOf = createMultimap<string, Sighting>()
  const objects = createMultimap<string, string>()
  const namespacesBelow = createMultimap<string, string>()
  const below = createMultimap<string, Sighting>()
  let isSettled = false
  let isByAge = true
  let last = 0

  const add = (object: KubeObject, host: string): void => {
    const { namespace, creationTimestamp: created } = object.metadata
    const key = keyOf(host, namespace)
    const known = sightings.get(key)
    const by = kindKeyOf(object)
    objects.add(key, by)
    const version = versionOf(object)
    if (known === undefined) {
      last += 1
      link({ host, namespace, by, version, created, order: isSettled ? last : 0 }, 'add')
      return
    }
    const isOlder = !isSettled && compare(created, known.created) < 0
    if (!isOlder && version >= known.version) return
    link(known, 'remove')
    const least = { ...known, version: Math.min(version, known.version) }
    link(isOlder ? { ...least, by, created } : least, 'add')
  }

  const link = (sighting: Sighting, change: 'add' | 'remove'): void => {
    const { host, namespace } = sighting
    if (change === 'add') sightings.set(keyOf(host, namespace), sighting)
    else sightings.delete(keyOf(host, namespace))
    sightingsOf[change](host, sighting)
    const wildcard = wildcardOver(host)
    if (wildcard === undefined) return
    const here = keyOf(wildcard, namespace)
    below[change](here, sighting)
    if (below.has(here)) namespacesBelow.add(wildcard, namespace)
    else namespacesBelow.remove(wildcard, namespace)
  }

  const remove = (host: string, object: KubeObject): void => {
    const key = keyOf(host, object.metadata.namespace)
    objects.remove(key, kindKeyOf(object))
    const known = sightings.get(key)
    if (objects.has(key) || known === undefined) return
    link(known, 'remove')
  }

  const order = (a: Sighting, b: Sighting): number =>
    isByAge && (a.order === 0 || b.order === 0)
      ? a.order - b.order || byCreation(a, b)
      : a.version - b.version || a.order - b.order || byCreation(a, b)

  return {
    put: (object, hosts) => {
      const key = kindKeyOf(object)
      const before = named.get(key) ?? []
      const [old, now] = [new Set(before), new Set(hosts)]
      const gone = before.filter((host) => !now.has(host))
      const come = hosts.filter((host) => !old.has(host))
      for (const host of gone) remove(host, object)
      for (const host of come) add(object, host)
      if (hosts.length === 0) named.delete(key)
      else named.set(key, hosts)
      return [...gone, ...come]
    },
    namedBy: (object) => named.get(kindKeyOf(object)) ?? [],
    settle: (byAge) => {
      isSettled = true
      isByAge = byAge
    },
    compare: order,
    belowOfOthers: function* belowOfOthers(wildcard, namespace) {
      for (const other of namespacesBelow.get(wildcard)) {
        if (other !== namespace) yield* below.get(keyOf(wildcard, other))
      }
    },
    of: (host) => sightingsOf.get(host),
    at: (host, namespace) => sightings.get(keyOf(host, namespace)),
    keysOf: (host) =>
      Array.from(sightingsOf.get(host)).flatMap(({ namespace }) => [
        ...objects.get(keyOf(host, namespace)),
      ]),
    all: () => sightings.values(),
  }
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
