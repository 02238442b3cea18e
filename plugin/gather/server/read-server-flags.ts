import { INSTALLATION } from '../../../shared/kube/installation.ts'
import type { KubeClient, Lookup } from '../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'
import { configMapNames, serverFlags, type ServerFlags } from './server-flags.ts'
import { readServerPlace, type ServerPlace } from './server-place.ts'

/** Reads where the server is, its Deployment and the flags in it. */
export async function readServerFlags(client: KubeClient): Promise<{
  readonly place: ServerPlace
  readonly deployment: Lookup
  readonly flags: ServerFlags
}> {
  const place = await readServerPlace(client)
  const { namespace } = place
  const name = INSTALLATION.deployment
  const deployment = await client.get({ resource: RESOURCES.deployments, namespace, name })
  const names = deployment.kind === 'found' ? configMapNames(deployment.object) : []
  const maps = new Map(
    await Promise.all(
      names.map(async (map) => {
        const target = { resource: RESOURCES.configMaps, namespace, name: map }
        return [map, await client.get(target)] as const
      }),
    ),
  )
  return { place, deployment, flags: serverFlags(deployment, (map) => maps.get(map)) }
}
