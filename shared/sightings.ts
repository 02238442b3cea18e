import { compare, kindKeyOf, type KubeObject } from './kube/object.ts'
import { createMultimap } from './multimap.ts'

/** The first sight of a host in a namespace. */
export type Sighting = {
  readonly host: string
  readonly namespace: string
  /** What was seen: `Kind namespace/name`. */
  readonly by: string
  /** The number of the sight; 0: it was there before anything was watched. */
  readonly order: number
  /** When that object was created (RFC 3339). */
  readonly created: string
}

/** Which namespaces name which hosts, and who did first. */
export type Sightings = {
  /** Puts what an object names in the place of what it named. Gives the hosts that came or went. */
  put(object: KubeObject, hosts: readonly string[]): readonly string[]
  /** From now on the order of arrival counts. An object's own age does not: a host can be added to an old one. */
  settle(): void
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
  let isSettled = false
  let last = 0

  const add = (object: KubeObject, host: string): void => {
    const { namespace, creationTimestamp: created } = object.metadata
    const key = keyOf(host, namespace)
    const known = sightings.get(key)
    const by = kindKeyOf(object)
    objects.add(key, by)
    const isFirst = known === undefined || (!isSettled && compare(created, known.created) < 0)
    if (!isFirst) return
    if (known !== undefined) sightingsOf.remove(host, known)
    last += 1
    const order = isSettled ? last : 0
    const sighting = { host, namespace, by, order, created }
    sightings.set(key, sighting)
    sightingsOf.add(host, sighting)
  }

  const remove = (host: string, object: KubeObject): void => {
    const key = keyOf(host, object.metadata.namespace)
    objects.remove(key, kindKeyOf(object))
    const known = sightings.get(key)
    if (objects.has(key) || known === undefined) return
    sightings.delete(key)
    sightingsOf.remove(host, known)
  }

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
    settle: () => {
      isSettled = true
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

/** Of two sights of a host, which was first: of those that were there already, the older object. */
export function bySight(a: Sighting, b: Sighting): number {
  return a.order - b.order || compare(a.created, b.created) || compare(a.by, b.by)
}

function keyOf(host: string, namespace: string): string {
  return `${host} ${namespace}`
}
