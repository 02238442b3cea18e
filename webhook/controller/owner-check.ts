import { listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { keyOf, type KubeObject } from '../../shared/kube/object.ts'
import { isRouteKind } from '../../shared/traefik/route.ts'
import { routeResource } from '../../shared/traefik/route-resource.ts'
import type { Kept } from './plan/action.ts'
import { createShares } from '../runtime/shares.ts'

/** Asks before something is made again that went a moment ago, or given back to a route that it was just taken
 * from. Garbage collection takes what a deleted route owned, and the route's name off what it shared, and
 * that may be heard of before the route's own end, which comes on another watch: a Certificate created again
 * meanwhile would cost an Order, and be collected as well; a name written again would be taken off again. */
export type OwnerCheck = {
  /** Something that may be ours is gone. */
  gone(resource: Kept, object: KubeObject): void
  /** Something that may be ours has changed, and its owners perhaps too. */
  changed(before: KubeObject, object: KubeObject): void
  /** Settles when the object may be written with the owners that it has; throws when it went lately, or one of
   * them was lately taken off it, and that route is not there any more. */
  confirm(resource: Kept, object: JsonObject): Promise<void>
}

/** For so long it is asked about. */
const REMEMBERED_MS = 60_000
const REMEMBERED_PER_NAMESPACE = 5000

/** A check that asks the API server itself, and only about what went. One look-up for each such owner. */
export function createOwnerCheck(client: KubeClient, now: () => number = Date.now): OwnerCheck {
  const lost = createShares<number>({ each: REMEMBERED_PER_NAMESPACE })
  const remember = (namespace: string, key: string): void => {
    const time = now()
    for (const [old, since] of lost.entries(namespace)) {
      if (time - since < REMEMBERED_MS) break
      lost.delete(namespace, old)
    }
    lost.set(namespace, key, time)
  }
  return {
    gone: (resource, object) => remember(object.metadata.namespace, `${resource} ${keyOf(object)}`),
    changed: (before, { metadata }) => {
      const uids = new Set(metadata.ownerReferences.map(({ uid }) => uid))
      for (const { uid } of before.metadata.ownerReferences) {
        if (!uids.has(uid)) remember(metadata.namespace, uid)
      }
    },
    confirm: async (resource, object) => {
      const metadata = objectAt(object, 'metadata')
      const namespace = textAt(metadata, 'namespace') ?? ''
      const key = `${resource} ${namespace}/${textAt(metadata, 'name')}`
      const owners = listAt(metadata, 'ownerReferences').map((owner) =>
        objectAt({ owner }, 'owner'),
      )
      const isLost = (what: unknown): boolean => lost.get(namespace, String(what)) !== undefined
      const asked = owners.filter(({ uid }) => isLost(key) || isLost(uid))
      for (const owner of asked) {
        if (await isThere(client, namespace, owner)) continue
        for (const what of [key, String(owner['uid'])]) {
          if (isLost(what)) remember(namespace, what)
        }
        throw new Error(`${key} lost ${String(owner['name'])}, of whose end nothing was heard yet`)
      }
    },
  }
}

async function isThere(
  client: KubeClient,
  namespace: string,
  { kind, name, uid }: JsonObject,
): Promise<boolean> {
  if (typeof name !== 'string' || !isRouteKind(kind)) return false
  const found = await client.get({ resource: routeResource(kind), namespace, name })
  // Who may not look can't know better than what was heard.
  if (found.kind === 'forbidden') return true
  if (found.kind === 'missing') return false
  const metadata = objectAt(found.object, 'metadata')
  return metadata['uid'] === uid && metadata['deletionTimestamp'] === undefined
}
