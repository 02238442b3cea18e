import { isJsonObject, listAt, objectAt, textAt } from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { stored } from './objects.ts'
import type { Stack } from './stack.ts'

/** The CA (PEM) by which the API server verifies tlsauto. */
export async function servingCa(stack: Stack): Promise<string> {
  const configuration = { resource: RESOURCES.mutatingWebhooks, name: 'tlsauto' }
  const [webhook] = listAt(await stored(stack.client, configuration), 'webhooks')
  if (!isJsonObject(webhook)) throw new Error('the webhook configuration is empty')
  const bundle = textAt(objectAt(webhook, 'clientConfig'), 'caBundle') ?? ''
  return Buffer.from(bundle, 'base64').toString()
}
