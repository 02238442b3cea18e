/** Sets of values by key; a key without values is not there. */
export type Multimap<K, V> = {
  add(key: K, value: V): void
  remove(key: K, value: V): void
  get(key: K): Iterable<V>
  has(key: K): boolean
}

/** An empty multimap. Most keys of a cluster have one value, and a Set for each would be a large part of
 * what the server holds in memory: only several values have one. */
export function createMultimap<K, V extends object | string>(): Multimap<K, V> {
  const single = new Map<K, V>()
  const several = new Map<K, Set<V>>()
  const none: readonly V[] = []
  return {
    add: (key, value) => {
      const set = several.get(key)
      const one = single.get(key)
      if (set !== undefined) set.add(value)
      else if (one === undefined || one === value) single.set(key, value)
      else {
        single.delete(key)
        several.set(key, new Set([one, value]))
      }
    },
    remove: (key, value) => {
      if (single.get(key) === value) single.delete(key)
      const set = several.get(key)
      set?.delete(value)
      if (set?.size === 0) several.delete(key)
    },
    has: (key) => single.has(key) || several.has(key),
    get: (key) => {
      const one = single.get(key)
      return one === undefined ? (several.get(key) ?? none) : [one]
    },
  }
}
