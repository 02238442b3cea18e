import type { KubeClient, Lookup } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { configMapNames, serverFlags, type ServerFlags } from './server-flags.ts'

/** Where deploy/tlsauto.yaml puts the server. */
export const SERVER = { namespace: 'tlsauto', name: 'tlsauto' } as const

/** Reads the server's Deployment and the flags in it. */
export async function readServerFlags(
  client: KubeClient,
): Promise<{ readonly deployment: Lookup; readonly flags: ServerFlags }> {
  const deployment = await client.get({ resource: RESOURCES.deployments, ...SERVER })
  const names = deployment.kind === 'found' ? configMapNames(deployment.object) : []
  const { namespace } = SERVER
  const maps = new Map(
    await Promise.all(
      names.map(async (name) => {
        const target = { resource: RESOURCES.configMaps, namespace, name }
        return [name, await client.get(target)] as const
      }),
    ),
  )
  return { deployment, flags: serverFlags(deployment, (name) => maps.get(name)) }
}
