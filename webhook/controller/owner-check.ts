import { listAt, objectAt, textAt, type JsonObject } from '../../shared/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { keyOf, type KubeObject } from '../../shared/kube/object.ts'
import { isRouteKind } from '../../shared/traefik/route.ts'
import { routeResource } from '../../shared/traefik/route-resource.ts'
import type { Kept } from './action.ts'

/** Asks before something is made again that went a moment ago. Garbage collection takes what a deleted route
 * owned, and that may be heard of before the route's own end, which comes on another watch: a
 * Certificate made anew meanwhile would cost an Order, and be collected as well. */
export type OwnerCheck = {
  /** Something that may be ours is gone. */
  gone(resource: Kept, object: KubeObject): void
  /** Settles when the object may be made; throws when it went lately and none of the routes that shall own it
   * is there any more. */
  confirm(resource: Kept, object: JsonObject): Promise<void>
}

/** For so long it is asked about. */
const REMEMBERED_MS = 60_000

/** A check that asks the API server itself, and only about what went. */
export function createOwnerCheck(client: KubeClient, now: () => number = Date.now): OwnerCheck {
  const lost = new Map<string, number>()
  const remember = (key: string): void => {
    const time = now()
    for (const [old, since] of lost) {
      if (time - since < REMEMBERED_MS) break
      lost.delete(old)
    }
    // Last of all: the order is that of the times.
    lost.delete(key)
    lost.set(key, time)
  }
  return {
    gone: (resource, object) => remember(`${resource} ${keyOf(object)}`),
    confirm: async (resource, object) => {
      const metadata = objectAt(object, 'metadata')
      const namespace = textAt(metadata, 'namespace') ?? ''
      const key = `${resource} ${namespace}/${textAt(metadata, 'name')}`
      if (!lost.has(key)) return
      for (const owner of listAt(metadata, 'ownerReferences')) {
        if (await isThere(client, namespace, owner)) return
      }
      remember(key)
      throw new Error(`${key} went with its routes, of whose end nothing was heard yet`)
    },
  }
}

async function isThere(client: KubeClient, namespace: string, owner: unknown): Promise<boolean> {
  const { kind, name, uid } = objectAt({ owner }, 'owner')
  if (typeof name !== 'string' || !isRouteKind(kind)) return false
  const found = await client.get({ resource: routeResource(kind), namespace, name })
  // Who may not look can't know better than what was heard.
  if (found.kind === 'forbidden') return true
  if (found.kind === 'missing') return false
  const metadata = objectAt(found.object, 'metadata')
  return metadata['uid'] === uid && metadata['deletionTimestamp'] === undefined
}
