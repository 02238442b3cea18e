import type { Operation } from 'fast-json-patch'
import type { KubeClient } from '../shared/kube/kube-client.ts'
import { RESOURCES, type Resource } from '../shared/kube/resources.ts'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../shared/json.ts'
import type { Logger } from './logger.ts'

/** What both of our webhook configurations are called. */
export const CONFIGURATION_NAME = 'tlsauto'

export type ClientConfig = {
  /** PEM of the CA that signs the serving certificate. */
  readonly ca: string
  /** Where the API server finds this server when not by the Service. */
  readonly url: string | undefined
}

/** Tells the API server whom to trust, and where to call: writes `clientConfig` of each webhook in
 * our two configurations, by server-side apply and only where it differs. The manifests carry no
 * caBundle, so that no GitOps tool empties it. */
export async function injectClientConfig(
  input: { readonly client: KubeClient; readonly logger: Logger },
  config: ClientConfig,
): Promise<void> {
  for (const resource of [RESOURCES.mutatingWebhooks, RESOURCES.validatingWebhooks]) {
    const found = await input.client.get({ resource, name: CONFIGURATION_NAME })
    if (found.kind !== 'found') {
      input.logger.warn({ kind: resource.kind, found: found.kind }, 'no webhook configuration')
      continue
    }
    const webhooks = listAt(found.object, 'webhooks').filter(isJsonObject)
    if (webhooks.every((webhook) => carries(webhook, config))) continue
    if (config.url !== undefined) await replaceService(input.client, resource, webhooks)
    const change = configuration(resource, { webhooks, config })
    await input.client.apply(resource, change, { force: true })
    input.logger.info({ kind: resource.kind }, 'webhook configuration carries our CA')
  }
}

/** Where a webhook has no URL yet: the API server refuses both, and server-side apply removes nothing
 * that the manifest set, so that the Service goes first. */
async function replaceService(
  client: KubeClient,
  resource: Resource,
  webhooks: readonly JsonObject[],
): Promise<void> {
  const operations = webhooks.flatMap((webhook, index): readonly Operation[] => {
    const path = `/webhooks/${index}/clientConfig`
    if (objectAt(webhook, 'clientConfig')['service'] === undefined) return []
    return [
      { op: 'test', path: `/webhooks/${index}/name`, value: webhook['name'] },
      { op: 'remove', path: `${path}/service` },
      // A placeholder that the API server accepts; the address comes with the CA.
      { op: 'add', path: `${path}/url`, value: 'https://localhost/' },
    ]
  })
  if (operations.length === 0) return
  await client.jsonPatch({ resource, name: CONFIGURATION_NAME }, operations)
}

function carries(webhook: JsonObject, config: ClientConfig): boolean {
  const current = objectAt(webhook, 'clientConfig')
  const url = config.url === undefined ? undefined : urlOf(webhook, config.url)
  return textAt(current, 'caBundle') === bundle(config) && textAt(current, 'url') === url
}

function configuration(
  resource: Resource,
  { webhooks, config }: { webhooks: readonly JsonObject[]; config: ClientConfig },
): JsonObject {
  return {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name: CONFIGURATION_NAME },
    webhooks: webhooks.map((webhook) => ({
      name: webhook['name'],
      clientConfig: {
        caBundle: bundle(config),
        ...(config.url === undefined ? {} : { url: urlOf(webhook, config.url) }),
      },
    })),
  }
}

/** The handler is the first label of the webhook's name: `mutate.tlsauto.dev`. */
function urlOf(webhook: JsonObject, base: string): string {
  return `${base}/${(textAt(webhook, 'name') ?? '').split('.')[0] ?? ''}`
}

function bundle(config: ClientConfig): string {
  return Buffer.from(config.ca).toString('base64')
}
