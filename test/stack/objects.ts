import type { JsonObject } from '../../shared/json/json.ts'
import type { KubeClient, Target } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { Stack } from './stack.ts'

/** One object as it is stored. Throws when it is not there. */
export async function stored(client: KubeClient, target: Target): Promise<JsonObject> {
  const found = await find(client, target)
  if (found === undefined) throw new Error(`there is no ${target.resource.kind} ${target.name}`)
  return found
}

/** One object as it is stored, or undefined. */
export async function find(client: KubeClient, target: Target): Promise<JsonObject | undefined> {
  const found = await client.get(target)
  return found.kind === 'found' ? found.object : undefined
}

/** Makes a namespace and gives its name back. */
export async function makeNamespace(
  stack: Stack,
  name: string,
  metadata: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  } = {},
): Promise<string> {
  await stack.client.create(RESOURCES.namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...metadata },
  })
  return name
}
