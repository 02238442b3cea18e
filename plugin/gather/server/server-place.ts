import { isJsonObject, listAt, objectAt, textAt } from '../../../shared/json/json.ts'
import { INSTALLATION } from '../../../shared/kube/installation.ts'
import type { KubeClient, Lookup } from '../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'

/** Where the server is installed. */
export type ServerPlace = {
  readonly namespace: string
  /** Why the namespace is that of the manifest; undefined: the webhook configuration names it. */
  readonly doubt: string | undefined
}

/** Looks in the webhook configuration, which names the Service that the API server calls. */
export async function readServerPlace(client: KubeClient): Promise<ServerPlace> {
  return serverPlace(
    await client.get({ resource: RESOURCES.mutatingWebhooks, name: INSTALLATION.webhooks }),
  )
}

/** What a webhook configuration says. */
export function serverPlace(configuration: Lookup): ServerPlace {
  const namespace = serviceNamespace(configuration)
  if (namespace !== undefined) return { namespace, doubt: undefined }
  return { namespace: INSTALLATION.namespace, doubt: DOUBTS[configuration.kind] }
}

const DOUBTS: Readonly<Record<Lookup['kind'], string>> = {
  found: 'its webhook configuration names no Service',
  missing: 'there is no webhook configuration that would name another one',
  forbidden: 'you are not allowed to read its webhook configuration, which may name another one',
}

/** For a sentence about what is not there: `namespace tlsauto`, and why it was looked for there. */
export function placeWords({ namespace, doubt }: ServerPlace): string {
  return `namespace ${namespace}${doubt === undefined ? '' : ` (${doubt})`}`
}

function serviceNamespace(configuration: Lookup): string | undefined {
  if (configuration.kind !== 'found') return undefined
  const first = listAt(configuration.object, 'webhooks').find(isJsonObject) ?? {}
  return textAt(objectAt(objectAt(first, 'clientConfig'), 'service'), 'namespace')
}
