import { clusterSettings, defaultTexts, SETTINGS_FLAGS, settingsTexts } from '../../shared/flags.ts'
import type { KubeClient, Lookup } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { ClusterSettings } from '../../shared/settings.ts'
import { listed } from '../status/listed.ts'
import { tryRoute } from './dry-run.ts'
import { rightsMissing } from './rights.ts'
import type { ServerFacts } from './server-checks.ts'
import { workloads, type Workload } from './workload.ts'

const OURS = { namespace: 'tlsauto', name: 'tlsauto' } as const

/** Looks how tlsauto, cert-manager and Traefik are installed. The route of the dry run is sent to that
 * namespace. */
export async function serverFacts(
  client: KubeClient,
  context: { readonly namespace: string; readonly now: Date },
): Promise<ServerFacts> {
  const [deployment, lease, mutating, validating, missingRights, traefik, certManager] =
    await Promise.all([
      client.get({ resource: RESOURCES.deployments, ...OURS }),
      client.get({ resource: RESOURCES.leases, ...OURS }),
      client.get({ resource: RESOURCES.mutatingWebhooks, name: OURS.name }),
      client.get({ resource: RESOURCES.validatingWebhooks, name: OURS.name }),
      rightsMissing(client),
      labelled(client, 'traefik'),
      labelled(client, 'cert-manager'),
    ])
  const settings = settingsOf(deployment)
  const dryRun = await tryRoute(client, context.namespace, settings)
  const webhooks = [mutating, validating]
  const { now } = context
  return { deployment, settings, lease, webhooks, dryRun, missingRights, traefik, certManager, now }
}

/** The flags in the Deployment's arguments; the defaults where it says nothing that can be used. */
function settingsOf(deployment: Lookup): ClusterSettings {
  const args =
    deployment.kind === 'found' ? workloads(deployment.object).flatMap((one) => one.args) : []
  const texts = settingsTexts((flag) => {
    const given = args.findLast((arg) => arg.startsWith(`--${flag}=`))
    return given?.slice(`--${flag}=`.length) ?? SETTINGS_FLAGS[flag].default
  })
  try {
    return clusterSettings(texts)
  } catch {
    // The server does not start with such flags; its Lease says that it does not run.
    return clusterSettings(defaultTexts())
  }
}

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
