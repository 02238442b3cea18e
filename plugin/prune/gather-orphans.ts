import type { JsonObject } from '../../shared/json/json.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import {
  listAll,
  listParsed,
  type KubeClient,
  type ListOptions,
} from '../../shared/kube/kube-client.ts'
import { parseMeta, type ObjectMeta } from '../../shared/kube/object.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { selectorError } from '../command-line/selector-error.ts'
import { orphans, type JsonUser, type Orphan } from './orphans.ts'

/** What may name a Secret. Certificates are read last: one that is made meanwhile is seen. */
const USERS: readonly Resource[] = [
  RESOURCES.ingressRoutes,
  RESOURCES.ingressRouteTCPs,
  RESOURCES.middlewares,
  RESOURCES.tlsStores,
  RESOURCES.tlsOptions,
  RESOURCES.serversTransports,
  RESOURCES.serversTransportTcps,
  RESOURCES.issuers,
  RESOURCES.clusterIssuers,
  RESOURCES.ingresses,
  RESOURCES.gateways,
  // Lets Gateways of other namespaces name Secrets of its own.
  RESOURCES.referenceGrants,
  RESOURCES.pods,
  // What makes Pods, also where there is none at the moment: 0 replicas, a CronJob between its times.
  RESOURCES.deployments,
  RESOURCES.statefulSets,
  RESOURCES.daemonSets,
  RESOURCES.replicaSets,
  RESOURCES.replicationControllers,
  RESOURCES.jobs,
  RESOURCES.cronJobs,
  RESOURCES.podTemplates,
]

/** What cert-manager issues into; a Secret's type can't change. */
const ISSUED = 'type=kubernetes.io/tls'

/** The Secrets that may go, and the kinds that nobody could ask about them. */
export type Orphans = { readonly orphans: readonly Orphan[]; readonly unasked: readonly string[] }

/** Finds the Secrets that may go, in one namespace or (undefined) in all. Throws where this user may not
 * list what would tell; but of one namespace also without the kinds that are in none, which name Secrets
 * only where cert-manager itself is (its `--cluster-resource-namespace`). */
export async function gatherOrphans(
  client: KubeClient,
  options: { readonly namespace: string | undefined; readonly labelSelector: string | undefined },
): Promise<Orphans> {
  const { namespace } = options
  const secrets = await metadataOf(client, {
    ...options,
    resource: RESOURCES.secrets,
    fieldSelector: ISSUED,
  }).catch((error: unknown) => {
    if (!isStatus(error, 403)) throw selectorError(error, options.labelSelector)
    throw new Error(
      'you are not allowed to list Secrets here, and prune can do nothing without: ask for the verbs list and delete on secrets, or say -n NAMESPACE',
      { cause: error },
    )
  })
  return orphansAmong(client, { namespace, secrets })
}

/** Of Secrets those that may go, as things are now; throws as `gatherOrphans` does. */
export async function orphansAmong(
  client: KubeClient,
  options: { readonly namespace: string | undefined; readonly secrets: readonly ObjectMeta[] },
): Promise<Orphans> {
  const { namespace, secrets } = options
  const users = await Promise.all(
    USERS.map(async (resource) => usersOf(client, { resource, namespace })),
  )
  const certificates = await listed(client, { resource: RESOURCES.certificates, namespace })
  const found = orphans({
    secrets,
    certificates: certificates.flatMap(({ metadata }) => parseMeta(metadata) ?? []),
    users: [...users.flatMap((those) => those ?? []), ...certificates.map(userOf)],
  })
  const unasked = USERS.filter((_, index) => users[index] === undefined)
  return { orphans: found, unasked: unasked.map(({ plural }) => plural) }
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
  const asked = { ...options, metadataOnly: true }
  return (await listParsed(client, asked, ({ metadata }) => parseMeta(metadata))).items
}

/** Undefined: this user may not ask, and need not. */
async function usersOf(
  client: KubeClient,
  options: ListOptions,
): Promise<readonly JsonUser[] | undefined> {
  try {
    return (await listed(client, options)).map(userOf)
  } catch (error) {
    // Of a kind that the cluster does not know there are none.
    if (isStatus(error, 404)) return []
    const isElsewhere = !options.resource.namespaced && options.namespace !== undefined
    if (isElsewhere && error instanceof Error && isStatus(error.cause, 403)) return undefined
    throw error
  }
}

async function listed(client: KubeClient, options: ListOptions): Promise<readonly JsonObject[]> {
  try {
    return (await listAll(client, options)).items
  } catch (error) {
    if (!isStatus(error, 403)) throw error
    const { plural, namespaced } = options.resource
    const other = namespaced ? ', or say -n NAMESPACE' : ''
    throw new Error(
      `you are not allowed to list ${plural}, so the Secrets that they still name are not known and none is deleted; ask for that right${other}`,
      { cause: error },
    )
  }
}

function userOf(object: JsonObject): JsonUser {
  const { metadata, status: _, ...spec } = object
  return { namespace: parseMeta(metadata)?.namespace ?? '', spec }
}
