import { isStatus } from '../../shared/kube/kube-error.ts'
import { listAll, type KubeClient } from '../../shared/kube/kube-client.ts'
import { parseMeta } from '../../shared/kube/object.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { selectorError } from '../command-line/selector-error.ts'

/** The keys (`Kind namespace/name`) of the routes that a label selector chooses, as the API server reads
 * it; undefined without one. All routes are listed besides: they tell how the chosen ones stand. */
export async function selectedRoutes(
  client: KubeClient,
  namespace: string | undefined,
  labelSelector: string | undefined,
): Promise<ReadonlySet<string> | undefined> {
  if (labelSelector === undefined) return undefined
  const keys = async (resource: Resource): Promise<readonly string[]> => {
    const options = { resource, namespace, labelSelector, metadataOnly: true }
    const { items } = await listAll(client, options).catch((error: unknown) => {
      throw selectorError(error, labelSelector)
    })
    return items
      .flatMap(({ metadata }) => parseMeta(metadata) ?? [])
      .map((metadata) => `${resource.kind} ${metadata.namespace}/${metadata.name}`)
  }
  const [routes, tcpRoutes] = await Promise.all([
    keys(RESOURCES.ingressRoutes),
    keys(RESOURCES.ingressRouteTCPs).catch((error: unknown) => {
      if (isStatus(error, 403)) return []
      throw error
    }),
  ])
  return new Set([...routes, ...tcpRoutes])
}
