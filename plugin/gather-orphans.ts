import { objectAt, type JsonObject } from '../shared/json.ts'
import { isStatus } from '../shared/kube/kube-error.ts'
import { listAll, type KubeClient, type ListOptions } from '../shared/kube/kube-client.ts'
import { parseMeta, type ObjectMeta } from '../shared/kube/object.ts'
import { RESOURCES, type Resource } from '../shared/kube/resources.ts'
import { selectorError } from './selector-error.ts'
import { orphans, type JsonUser, type Orphan } from './orphans.ts'

/** What may name a Secret. Certificates are read last: one that is made meanwhile is seen. */
const USERS: readonly Resource[] = [
  RESOURCES.routes,
  RESOURCES.tcpRoutes,
  RESOURCES.tlsStores,
  RESOURCES.tlsOptions,
  RESOURCES.serversTransports,
  RESOURCES.serversTransportTcps,
  RESOURCES.issuers,
  RESOURCES.ingresses,
  RESOURCES.gateways,
  RESOURCES.pods,
]

/** Finds the Secrets that may go, in one namespace or (undefined) in all. Throws where this user may not
 * list what would tell. */
export async function gatherOrphans(
  client: KubeClient,
  options: { readonly namespace: string | undefined; readonly labelSelector: string | undefined },
): Promise<readonly Orphan[]> {
  const { namespace } = options
  const secrets = await metadataOf(client, { ...options, resource: RESOURCES.secrets }).catch(
    (error: unknown) => {
      if (!isStatus(error, 403)) throw selectorError(error, options.labelSelector)
      throw new Error(
        'you may not list Secrets here, and prune can do nothing without: ask for the verbs list and delete on secrets, or say -n NAMESPACE',
        { cause: error },
      )
    },
  )
  const users = await Promise.all(
    USERS.map(async (resource) => usersOf(client, { resource, namespace })),
  )
  const clusterIssuers = await clusterIssuersOf(client)
  const certificates = await listed(client, { resource: RESOURCES.certificates, namespace })
  return orphans({
    secrets,
    certificates: certificates.flatMap(({ metadata }) => parseMeta(metadata) ?? []),
    users: [...users.flat(), ...clusterIssuers, ...certificates.map(userOf)],
  })
}

/** Whether a Certificate of that name is there again. */
export async function isBack(
  client: KubeClient,
  { namespace, certificate }: Orphan['item'],
): Promise<boolean> {
  const found = await client.get({
    resource: RESOURCES.certificates,
    namespace,
    name: certificate,
  })
  return found.kind !== 'missing'
}

async function metadataOf(
  client: KubeClient,
  options: ListOptions,
): Promise<readonly ObjectMeta[]> {
  const { items } = await listAll(client, { ...options, metadataOnly: true })
  return items.flatMap(({ metadata }) => parseMeta(metadata) ?? [])
}

async function usersOf(client: KubeClient, options: ListOptions): Promise<readonly JsonUser[]> {
  try {
    return (await listed(client, options)).map(userOf)
  } catch (error) {
    // Of a kind that the cluster does not know there are none.
    if (isStatus(error, 404)) return []
    throw error
  }
}

/** Whoever may not list them doesn't work in cert-manager's own namespace, where their Secrets are. */
async function clusterIssuersOf(client: KubeClient): Promise<readonly JsonUser[]> {
  try {
    return (await listAll(client, { resource: RESOURCES.clusterIssuers })).items.map(userOf)
  } catch (error) {
    if (isStatus(error, 403)) return []
    throw error
  }
}

async function listed(client: KubeClient, options: ListOptions): Promise<readonly JsonObject[]> {
  try {
    return (await listAll(client, options)).items
  } catch (error) {
    if (!isStatus(error, 403)) throw error
    throw new Error(
      `you may not list ${options.resource.plural}, so that nobody can tell which Secrets they still name; ask for that right, or say -n NAMESPACE`,
      { cause: error },
    )
  }
}

function userOf(object: JsonObject): JsonUser {
  const namespace = parseMeta(object['metadata'])?.namespace ?? ''
  return { namespace, spec: objectAt(object, 'spec') }
}
