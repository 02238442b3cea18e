import { listAt, objectAt, textAt, type JsonObject } from '../../shared/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { keyOf, type KubeObject } from '../../shared/kube/object.ts'
import { isRouteKind } from '../../shared/traefik/route.ts'
import { routeResource } from '../../shared/traefik/route-resource.ts'
import type { Kept } from './action.ts'

/** Asks before something is made again that went a moment ago, or given back to a route that it was just taken
 * from. Garbage collection takes what a deleted route owned, and the route's name off what it shared, and
 * that may be heard of before the route's own end, which comes on another watch: a Certificate made anew
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

/** A check that asks the API server itself, and only about what went. One look-up for each such owner. */
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
    changed: (before, { metadata }) => {
      const uids = new Set(metadata.ownerReferences.map(({ uid }) => uid))
      for (const { uid } of before.metadata.ownerReferences) if (!uids.has(uid)) remember(uid)
    },
    confirm: async (resource, object) => {
      const metadata = objectAt(object, 'metadata')
      const namespace = textAt(metadata, 'namespace') ?? ''
      const key = `${resource} ${namespace}/${textAt(metadata, 'name')}`
      const owners = listAt(metadata, 'ownerReferences').map((owner) =>
        objectAt({ owner }, 'owner'),
      )
      const asked = owners.filter(({ uid }) => lost.has(key) || lost.has(String(uid)))
      for (const owner of asked) {
        if (await isThere(client, namespace, owner)) continue
        for (const what of [key, String(owner['uid'])]) if (lost.has(what)) remember(what)
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
