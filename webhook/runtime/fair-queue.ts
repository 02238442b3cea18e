/** Keys that wait, each once; groups of them take turns, so that a big one never holds up a small one. */
export type FairQueue = {
  add(key: string): void
  /** The key whose turn it is, no longer waiting; undefined: none waits. */
  take(): string | undefined
  size(): number
}

/** An empty queue; within a group the first to come is the first to go. */
export function createFairQueue(groupOf: (key: string) => string): FairQueue {
  // A Map keeps its order: the group that was served goes to the end.
  const groups = new Map<string, Set<string>>()
  let size = 0
  return {
    add: (key) => {
      const group = groupOf(key)
      const keys = groups.get(group) ?? new Set()
      if (!keys.has(key)) size += 1
      groups.set(group, keys.add(key))
    },
    take: () => {
      for (const [group, keys] of groups) {
        for (const key of keys) {
          keys.delete(key)
          groups.delete(group)
          if (keys.size > 0) groups.set(group, keys)
          size -= 1
          return key
        }
      }
      return undefined
    },
    size: () => size,
  }
}
