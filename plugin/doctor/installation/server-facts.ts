import { objectAt, textAt } from '../../../shared/json/json.ts'
import { isStatus } from '../../../shared/kube/kube-error.ts'
import { INSTALLATION } from '../../../shared/kube/installation.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { RESOURCES, type Resource } from '../../../shared/kube/resources.ts'
import { appObjects } from '../../gather/app-objects.ts'
import { tryRoute } from './dry-run.ts'
import { readServerFlags } from '../../gather/server/read-server-flags.ts'
import { readControllerLease } from '../../gather/server/controller-lease.ts'
import { rightsMissing } from './rights.ts'
import { shippedTo, type ServiceAccount } from './shipped-to.ts'
import type { Installed } from './installed-checks.ts'
import shippedObjects from './shipped-objects.json' with { type: 'json' }
import type { ServerFacts } from './server-checks.ts'
import { serviceAccountOf, workloads } from '../../gather/workload.ts'

const WORKLOADS = [RESOURCES.deployments, RESOURCES.daemonSets]

/** Looks how tlsauto, cert-manager and Traefik are installed. The route of the dry run is sent to that
 * namespace. */
export async function serverFacts(
  client: KubeClient,
  context: { readonly namespace: string; readonly now: Date },
): Promise<ServerFacts> {
  const { place, deployment, flags } = await readServerFlags(client)
  const account = {
    namespace: place.namespace,
    name: serviceAccountOf(deployment) ?? INSTALLATION.serviceAccount,
  }
  const [lease, installed, missingRights, knowsClaims, traefik, certManager] = await Promise.all([
    readControllerLease(client, place),
    installedIn(client, account),
    rightsMissing(client, account),
    claimsAreKnown(client),
    appObjects(client, 'traefik', [...WORKLOADS, RESOURCES.services]),
    appObjects(client, 'cert-manager', WORKLOADS),
  ])
  const dryRun = await tryRoute(client, context.namespace, flags)
  const { now } = context
  return {
    ...flags,
    place,
    deployment,
    lease,
    installed,
    dryRun,
    missingRights,
    knowsClaims,
    traefik: traefik.objects.flatMap(workloads),
    doubted: traefik.doubted,
    certManager: certManager.objects.flatMap(workloads),
    now,
  }
}

/** Where what this version ships is found. */
const SHIPPED_KINDS: readonly Resource[] = [
  RESOURCES.mutatingWebhooks,
  RESOURCES.validatingWebhooks,
  RESOURCES.admissionPolicies,
  RESOURCES.admissionPolicyBindings,
]

async function installedIn(
  client: KubeClient,
  account: ServiceAccount,
): Promise<readonly Installed[]> {
  const objects = shippedTo(account, shippedObjects)
  return Promise.all(
    objects.flatMap((shipped) => {
      const resource = SHIPPED_KINDS.find(({ kind }) => kind === shipped['kind'])
      const name = textAt(objectAt(shipped, 'metadata'), 'name')
      if (resource === undefined || name === undefined) return []
      return client.get({ resource, name }).then((live) => ({ shipped, live }))
    }),
  )
}

/** Whether the cluster has the kind DomainClaim, be it that this user may not list it. */
async function claimsAreKnown(client: KubeClient): Promise<boolean> {
  try {
    await client.list({ resource: RESOURCES.domainClaims, limit: 1 })
    return true
  } catch (error) {
    if (isStatus(error, 404)) return false
    if (isStatus(error, 403)) return true
    throw error
  }
}
