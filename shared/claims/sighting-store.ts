import { wildcardOver } from '../certificates/cover.ts'
import { createMultimap } from '../json/multimap.ts'

/** Sightings, by what they are asked for. */
export type SightingStore<S> = {
  add(sighting: S): void
  remove(sighting: S): void
  at(host: string, namespace: string): S | undefined
  of(host: string): Iterable<S>
  /** Those of hosts one label below a wildcard, in other namespaces than this. */
  belowOfOthers(wildcard: string, namespace: string): Iterable<S>
  all(): Iterable<S>
}

export function createSightingStore<
  S extends { readonly host: string; readonly namespace: string },
>(): SightingStore<S> {
  const sightings = new Map<string, S>()
  const sightingsOf = createMultimap<string, S>()
  const namespacesBelow = createMultimap<string, string>()
  const below = createMultimap<string, S>()

  const link = (sighting: S, change: 'add' | 'remove'): void => {
    const { host, namespace } = sighting
    sightingsOf[change](host, sighting)
    const wildcard = wildcardOver(host)
    if (wildcard === undefined) return
    const here = keyOf(wildcard, namespace)
    below[change](here, sighting)
    if (below.has(here)) namespacesBelow.add(wildcard, namespace)
    else namespacesBelow.remove(wildcard, namespace)
  }

  return {
    add: (sighting) => {
      sightings.set(keyOf(sighting.host, sighting.namespace), sighting)
      link(sighting, 'add')
    },
    remove: (sighting) => {
      sightings.delete(keyOf(sighting.host, sighting.namespace))
      link(sighting, 'remove')
    },
    at: (host, namespace) => sightings.get(keyOf(host, namespace)),
    of: (host) => sightingsOf.get(host),
    belowOfOthers: function* belowOfOthers(wildcard, namespace) {
      for (const other of namespacesBelow.get(wildcard)) {
        if (other !== namespace) yield* below.get(keyOf(wildcard, other))
      }
    },
    all: () => sightings.values(),
  }
}

function keyOf(host: string, namespace: string): string {
  return `${host} ${namespace}`
}
