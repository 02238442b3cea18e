import type { ClusterIndex } from './index/cluster-index.ts'
import { inSlices, takeSteps, type Slices, type Steps } from '../runtime/slices.ts'

/** The namespaces whose routes are being decided about again. */
export type Settling = {
  /** Decides again about all routes of a namespace whose settings have changed, in slices. */
  settle(namespace: string): Promise<void>
  /** Whether a key of work has to wait until its namespace is settled; then it is added again. With half of
   * its routes under old settings and half under new ones, Certificates would be made that nobody needs. */
  holds(namespace: string, key: string): boolean
}

/** All are settled. */
export function createSettling(input: {
  readonly index: Pick<ClusterIndex, 'routeKeys' | 'decideAgain'>
  /** Adds the work of a route as it is decided about now. */
  readonly addRoute: (key: string) => Steps
  readonly add: (key: string) => void
  readonly slices: Slices
}): Settling {
  const { index, addRoute, add, slices } = input
  const held = new Map<string, Set<string>>()
  const latest = new Map<string, symbol>()
  return {
    settle: async (namespace) => {
      const keys = index.routeKeys(namespace)
      if (keys.length === 0) return
      const turn = Symbol(namespace)
      latest.set(namespace, turn)
      held.set(namespace, held.get(namespace) ?? new Set())
      // The work of what each route was, and of what it is.
      for (const key of keys) {
        await takeSteps(slices, addRoute(key))
        if (latest.get(namespace) !== turn) return
        index.decideAgain(key)
        await takeSteps(slices, addRoute(key))
        await slices.rest()
      }
      if (latest.get(namespace) !== turn) return
      latest.delete(namespace)
      const waiting = held.get(namespace) ?? []
      held.delete(namespace)
      await inSlices(slices, waiting, add)
    },
    holds: (namespace, key) => {
      const waiting = held.get(namespace)
      waiting?.add(key)
      return waiting !== undefined
    },
  }
}
