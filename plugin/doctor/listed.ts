import type { JsonObject } from '../../shared/json.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { listAll, type KubeClient } from '../../shared/kube/kube-client.ts'
import type { Resource } from '../../shared/kube/resources.ts'

/** All objects of a kind, in a namespace or (undefined) in all; undefined: you may not list them. */
export async function listed(
  client: KubeClient,
  resource: Resource,
  namespace: string | undefined,
): Promise<readonly JsonObject[] | undefined> {
  try {
    return (await listAll(client, { resource, namespace })).items
  } catch (error) {
    if (isStatus(error, 403)) return undefined
    throw error
  }
}
