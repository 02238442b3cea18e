/** Memory in which every namespace has a share of its own: what one tenant fills makes the server forget what is
 * his, and nobody else's. */
export type Shares<V> = {
  get(namespace: string, key: string): V | undefined
  /** The newest of its namespace now; the oldest goes where there would be too many. */
  set(namespace: string, key: string, value: V): void
  delete(namespace: string, key: string): void
  /** What a namespace has, the oldest first. */
  entries(namespace: string): Iterable<readonly [string, V]>
}

/** Empty shares: so many entries for a namespace, and so many namespaces. */
export function createShares<V>({ each, namespaces = 10_000 }: Limits): Shares<V> {
  const shares = new Map<string, Map<string, V>>()
  return {
    get: (namespace, key) => shares.get(namespace)?.get(key),
    set: (namespace, key, value) => {
      const share = shares.get(namespace) ?? new Map<string, V>()
      putLast(shares, namespace, { value: share, limit: namespaces })
      putLast(share, key, { value, limit: each })
    },
    delete: (namespace, key) => {
      const share = shares.get(namespace)
      share?.delete(key)
      if (share?.size === 0) shares.delete(namespace)
    },
    entries: (namespace) => shares.get(namespace) ?? [],
  }
}

type Limits = { readonly each: number; readonly namespaces?: number }

/** A Map keeps its order: what is put in again comes last. */
function putLast<V>(
  map: Map<string, V>,
  key: string,
  { value, limit }: { readonly value: V; readonly limit: number },
): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > limit && oldest !== undefined) map.delete(oldest)
}
