import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { listed } from '../status/listed.ts'
import { tryRoute } from './dry-run.ts'
import { readServerFlags, SERVER } from './read-server-flags.ts'
import { rightsMissing } from './rights.ts'
import type { ServerFacts } from './server-checks.ts'
import { workloads, type Workload } from './workload.ts'

/** Looks how tlsauto, cert-manager and Traefik are installed. The route of the dry run is sent to that
 * namespace. */
export async function serverFacts(
  client: KubeClient,
  context: { readonly namespace: string; readonly now: Date },
): Promise<ServerFacts> {
  const [{ deployment, flags }, lease, webhooks, missingRights, traefik, certManager] =
    await Promise.all([
      readServerFlags(client),
      client.get({ resource: RESOURCES.leases, ...SERVER }),
      Promise.all(WEBHOOKS.map(async (target) => client.get(target))),
      rightsMissing(client),
      labelled(client, 'traefik'),
      labelled(client, 'cert-manager'),
    ])
  const dryRun = await tryRoute(client, context.namespace, flags.settings)
  const { now } = context
  return {
    ...flags,
    deployment,
    lease,
    webhooks,
    dryRun,
    missingRights,
    traefik,
    certManager,
    now,
  }
}

const WEBHOOKS = [
  { resource: RESOURCES.mutatingWebhooks, name: SERVER.name },
  { resource: RESOURCES.validatingWebhooks, name: SERVER.name },
  { resource: RESOURCES.validatingWebhooks, name: 'tlsauto-hosts' },
]

/** The containers of Deployments and DaemonSets of that name; none where they may not be listed. */
async function labelled(client: KubeClient, name: string): Promise<readonly Workload[]> {
  const labelSelector = `app.kubernetes.io/name=${name}`
  const lists = await Promise.all(
    [RESOURCES.deployments, RESOURCES.daemonSets].map(async (resource) =>
      listed(client, { resource, labelSelector }),
    ),
  )
  return lists.flatMap((list) => list ?? []).flatMap(workloads)
}
