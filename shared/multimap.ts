/** Sets of values by key; a key without values is not there. */
export type Multimap<K, V> = {
  add(key: K, value: V): void
  remove(key: K, value: V): void
  get(key: K): ReadonlySet<V>
}

/** An empty multimap. */
export function createMultimap<K, V>(): Multimap<K, V> {
  const sets = new Map<K, Set<V>>()
  const none: ReadonlySet<V> = new Set()
  return {
    add: (key, value) => {
      const known = sets.get(key)
      if (known === undefined) sets.set(key, new Set([value]))
      else known.add(value)
    },
    remove: (key, value) => {
      const known = sets.get(key)
      known?.delete(value)
      if (known?.size === 0) sets.delete(key)
    },
    get: (key) => sets.get(key) ?? none,
  }
}
