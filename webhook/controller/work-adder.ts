import type { OnFault } from '../runtime/faults.ts'
import { createSpread, inSlices, takeSteps, type Slices, type Steps } from '../runtime/slices.ts'
import type { Workqueue } from '../runtime/workqueue.ts'
import type { WorkIndex, WorkTakers } from './affected-work.ts'
import { addClaim, addEntry, addRoute, type Adding } from './change-handlers.ts'
import { CERTIFICATE } from './work-keys.ts'

/** Adds work to the queue, where it is much in slices. */
export type WorkAdder = Pick<
  WorkTakers,
  'add' | 'addEntrySoon' | 'addRouteSoon' | 'addClaimSoon'
> & {
  /** Adds the work of a route as it is decided about now. A fault in it is told, not thrown. */
  readonly addRoute: (key: string) => Steps
  readonly addClaimNow: (host: string) => void
  /** Adds the keys of all there is, each for its first look. */
  addAll(): Promise<void>
  /** Whether the work of a key is its first look; the next is not. */
  takeFirst(key: string): boolean
}

export type AdderInput = {
  readonly index: WorkIndex
  readonly queue: Pick<Workqueue, 'add' | 'addAfter'>
  readonly slices: Slices
  /** Whether this process is the one that acts now. */
  readonly active: () => boolean
  readonly graceMs: number
  readonly onFault: OnFault
}

/** What goes for so long is gone: `kubectl replace --force`, or a restore, puts it back sooner. */
export const SETTLE_MS = 10_000

type Alone = (stepsOf: (key: string) => Steps) => (key: string) => Steps

/** An adder to a queue. */
export function createWorkAdder(input: AdderInput): WorkAdder {
  const { index, queue, slices, active } = input
  const firstLooks = new Set<string>()
  const alone = aloneWith(input.onFault)
  const adding = addingTo({ index, slices, alone }, queue.add)
  const addOne = alone((key) => addRoute(adding, key))
  const addLater = (key: string): void => queue.addAfter(key, Math.min(SETTLE_MS, input.graceMs))
  const addClaimNow = (host: string): void => addClaim({ ...adding, addLater: queue.add }, host)
  const claimsSoon = createSpread(
    slices,
    // oxlint-disable-next-line require-yield -- one step is enough
    alone(function* claimSteps(host) {
      addClaim({ ...adding, addLater }, host)
    }),
  )
  return {
    add: adding.add,
    addEntrySoon: adding.addEntrySoon,
    addRouteSoon: createSpread(slices, addOne).add,
    addClaimSoon: claimsSoon.add,
    addRoute: addOne,
    addClaimNow,
    takeFirst: (key) => firstLooks.delete(key),
    // In slices: reviews are answered in between. Who begins to act later adds all then.
    addAll: async () => {
      if (!active()) return
      const added = new Set<string>()
      const addFirst = (key: string): void => {
        added.add(key)
        firstLooks.add(key)
        queue.add(key)
      }
      const addingFirst = addingTo({ index, slices, alone }, addFirst)
      const addOneFirst = alone((key) => addRoute(addingFirst, key))
      // Claims first: what was noted before there were DomainClaims is known to this process alone.
      await inSlices(slices, [...index.allHosts()], (host) => {
        if (active()) addClaimNow(host)
      })
      for (const key of index.routeKeysByAge()) {
        if (active()) await takeSteps(slices, addOneFirst(key))
        await slices.rest()
      }
      await inSlices(slices, index.certificateKeys(), (key) => {
        // Those of routes were added with them.
        if (active() && !added.has(`${CERTIFICATE}${key}`)) addFirst(`${CERTIFICATE}${key}`)
      })
    },
  }
}

/** A fault in the work of one key is its own. */
function aloneWith(onFault: OnFault): Alone {
  return (stepsOf) =>
    function* stepsAlone(key) {
      try {
        yield* stepsOf(key)
      } catch (error) {
        onFault('queue', key, error)
      }
    }
}

function addingTo(
  { index, slices, alone }: Pick<AdderInput, 'index' | 'slices'> & { readonly alone: Alone },
  add: (key: string) => void,
): Adding {
  const soon = createSpread(
    slices,
    alone((key) => addEntry(adding, key)),
  )
  const adding: Adding = { index, add, addEntrySoon: soon.add }
  return adding
}
