import { parseCertificate } from '../../shared/certmanager/certificate.ts'
import type { JsonObject } from '../../shared/json/json.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { listAll, type KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import type { ClusterSettings } from '../../shared/settings/settings.ts'
import { listDomainClaims } from '../gather/domain-claims.ts'
import { namespaceOf, type ClusterFlags } from '../command-line/options.ts'
import { planRoutes, type PassOver, type Plan } from './plan.ts'

/** What tlsauto would do to the routes that are stored, in a namespace or in all. Namespaces, TCP routes
 * and DomainClaims count where they may be read. A route that can't be judged is passed over. */
export async function planCluster(
  client: KubeClient,
  flags: ClusterFlags,
  context: { readonly cluster: ClusterSettings; readonly passOver: PassOver },
): Promise<readonly Plan[]> {
  const namespace = namespaceOf(flags, client)
  const list = async (resource: Resource): Promise<readonly JsonObject[]> => {
    const { apiVersion, kind } = resource
    const { items } = await listAll(client, { resource, namespace })
    // A list leaves out what all of its items are.
    return items.map((item) => ({ ...item, apiVersion, kind }))
  }
  const [routes, tcpRoutes, certificates, namespaces, { claims }] = await Promise.all([
    list(RESOURCES.ingressRoutes),
    orNone(list(RESOURCES.ingressRouteTCPs)),
    list(RESOURCES.certificates),
    orNone(namespacesOf(client, namespace)),
    listDomainClaims(client),
  ])
  const { cluster, passOver } = context
  const stored = {
    certificates: certificates.flatMap((object) => parseCertificate(object) ?? []),
    claims,
  }
  return planRoutes([...namespaces, ...routes, ...tcpRoutes], cluster, stored, passOver)
}

async function namespacesOf(
  client: KubeClient,
  name: string | undefined,
): Promise<readonly JsonObject[]> {
  const resource = RESOURCES.namespaces
  const { kind } = resource
  if (name === undefined) {
    const { items } = await listAll(client, { resource })
    return items.map((item) => ({ ...item, kind }))
  }
  const found = await client.get({ resource, name })
  return found.kind === 'found' ? [{ ...found.object, kind }] : []
}

async function orNone<T>(listing: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await listing
  } catch (error) {
    if (isStatus(error, 403)) return []
    throw error
  }
}
