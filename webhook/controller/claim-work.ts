import type { Sighting } from '../../shared/claims/sightings.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { ownerReference } from '../../shared/kube/object.ts'
import type { EventNote } from '../runtime/event-notes.ts'
import type { Recorder } from '../runtime/event-recorder.ts'
import type { Logger } from '../runtime/logger.ts'
import { inSlices, type Slices } from '../runtime/slices.ts'
import type { Workqueue } from '../runtime/workqueue.ts'
import { createClaimKeeper, type ClaimKeeper } from './claim-keeper.ts'
import type { ClusterIndex } from './index/cluster-index.ts'
import { createClaimTurns, type ClaimTurns } from './limits/claim-turns.ts'
import type { WorkAdder } from './work-adder.ts'
import { CLAIMS, namespaceOf } from './work-keys.ts'

/** The work on DomainClaims, and on the hosts that stay without one. */
export type ClaimWork = ClaimKeeper & {
  readonly turns: ClaimTurns
  /** Looks at all hosts of a namespace that had no room for their claims. */
  look(namespace: string): Promise<void>
  /** How many hosts stay unclaimed, as their namespace has as many claims as it may have. */
  countLimited(): Promise<number>
}

export type ClaimWorkInput = {
  readonly client: KubeClient
  readonly index: ClusterIndex
  readonly adder: Pick<WorkAdder, 'addClaimNow' | 'addRouteSoon'>
  readonly queue: Pick<Workqueue, 'addAfter'>
  readonly recorder: Recorder
  readonly slices: Slices
  readonly logger: Logger
  readonly graceMs: number
  /** How many DomainClaims a namespace may have, to be told; 0: no limit. */
  readonly maxClaims: number
}

/** The work on the claims of an index. */
export function createClaimWork(input: ClaimWorkInput): ClaimWork {
  const { client, index, adder, queue, slices, logger, graceMs } = input
  const turns = createClaimTurns((namespace, milliseconds) =>
    queue.addAfter(`${CLAIMS}${namespace}/`, milliseconds),
  )
  const keeper = createClaimKeeper({
    client,
    index,
    graceMs,
    onChange: (host) => {
      const holder = index.holderOf(host)
      const keys = index.routeKeysAt(host)
      const others = keys.filter((key) => namespaceOf(key) !== holder)
      // Its own wait for it where it was to stay unclaimed, or to be another's.
      const isAwaited = others.length > 0 || turns.isLate(holder ?? '')
      for (const key of isAwaited ? keys : others) adder.addRouteSoon(key)
    },
    onLimited: (sighting) => {
      turns.limited(sighting.namespace)
      tellThatNaming(input, sighting, ['ClaimLimited', String(input.maxClaims)])
    },
    onNameTaken: (sighting, name) => tellThatNaming(input, sighting, ['ClaimNameTaken', name]),
    logger,
  })
  return {
    keep: keeper.keep,
    turns,
    look: async (namespace) => {
      turns.begin(namespace)
      await inSlices(slices, index.places(), (one) => {
        if (one.namespace === namespace) adder.addClaimNow(one.host)
      })
    },
    countLimited: async () => {
      const full = new Set(turns.namespaces())
      let count = 0
      await inSlices(slices, full.size === 0 ? [] : index.places(), ({ host, namespace }) => {
        if (full.has(namespace) && index.isClaimLimited(host, namespace)) count += 1
      })
      return count
    },
  }
}

/** Tells the owners of the routes that name a host in its namespace. */
function tellThatNaming(
  { index, recorder }: Pick<ClaimWorkInput, 'index' | 'recorder'>,
  { host, namespace }: Sighting,
  [reason, about]: readonly [EventNote['reason'], string],
): void {
  const keys = index.keysNaming(host).filter((key) => namespaceOf(key) === namespace)
  for (const { route } of keys.flatMap((key) => index.route(key) ?? [])) {
    recorder.record({ on: { ...ownerReference(route), namespace }, reason, about })
  }
}
