import { parseMeta } from '../../shared/kube/object.ts'
import type { JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { parseTime } from '../../shared/json/time.ts'
import { listIfAllowed } from '../gather/list-if-allowed.ts'

/** cert-manager makes a solver's Pod within a second or two. */
const LONG_ENOUGH_MS = 20_000

/** The name of an open HTTP-01 challenge that has waited long for a Pod to answer it; undefined: it has one, or
 * may still get it, or this user may not list Pods. */
export async function podlessChallenge(
  client: KubeClient,
  challenge: JsonObject,
  now: Date,
): Promise<string | undefined> {
  const meta = parseMeta(challenge['metadata'])
  if (meta === undefined) return undefined
  const created = parseTime(meta.creationTimestamp)
  if (created === undefined || now.getTime() - created < LONG_ENOUGH_MS) return undefined
  const pods = await listIfAllowed(client, {
    resource: RESOURCES.pods,
    namespace: meta.namespace,
    labelSelector: 'acme.cert-manager.io/http01-solver=true',
  })
  if (pods === undefined) return undefined
  const owners = pods.flatMap((pod) => parseMeta(pod['metadata'])?.ownerReferences ?? [])
  return owners.some(({ uid }) => uid === meta.uid) ? undefined : meta.name
}
