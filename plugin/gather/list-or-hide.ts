import type { JsonObject } from '../../shared/json/json.ts'
import { listParsed, type KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import type { Resource } from '../../shared/kube/resources.ts'

/** What a list holds for this user. */
export type Listing<T> = {
  readonly items: readonly T[]
  /** Where it ended, for a watch; undefined: it was not read. */
  readonly version: readonly [Resource, string] | undefined
  /** That this user may not read it, in a sentence. */
  readonly hidden: string | undefined
}

/** Lists what `parse` reads of a resource, in one namespace or (undefined) in all. Throws where it is `needed`
 * and may not be read, and where the cluster does not know it. */
export async function listOrHide<T>(
  client: KubeClient,
  resource: Resource,
  options: {
    readonly namespace: string | undefined
    readonly parse: (object: JsonObject) => T | undefined
    readonly needed?: boolean
    /** What stays unknown to who may not list it. */
    readonly lost?: string
  },
): Promise<Listing<T>> {
  try {
    const { namespace, parse } = options
    const { items, resourceVersion } = await listParsed(client, { resource, namespace }, parse)
    return { items, version: [resource, resourceVersion], hidden: undefined }
  } catch (error) {
    if (options.needed !== true && isStatus(error, 403)) {
      const { lost = 'some causes' } = options
      const hidden = `you are not allowed to list ${resource.plural}, so that ${lost} stay unknown`
      return { items: [], version: undefined, hidden }
    }
    if (isStatus(error, 404)) throw notInstalled(resource, error)
    throw error
  }
}

function notInstalled(resource: Resource, cause: Error): Error {
  const owner = resource.apiVersion.startsWith('traefik.io') ? 'Traefik' : 'cert-manager'
  return new Error(
    `the cluster knows no ${resource.plural}: is ${owner} installed with its CRDs?`,
    { cause },
  )
}
