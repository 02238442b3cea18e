import type { JsonObject } from '../../shared/json/json.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { listAll, type KubeClient, type ListOptions } from '../../shared/kube/kube-client.ts'

/** All objects of a list; undefined: this user may not list them. */
export async function listIfAllowed(
  client: KubeClient,
  options: ListOptions,
): Promise<readonly JsonObject[] | undefined> {
  try {
    return (await listAll(client, options)).items
  } catch (error) {
    if (isStatus(error, 403)) return undefined
    throw error
  }
}
