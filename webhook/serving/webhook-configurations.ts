import type { X509Certificate } from 'node:crypto'
import type { Operation } from 'fast-json-patch'
import { INSTALLATION } from '../../shared/kube/installation.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { jsonObjectsAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { Logger } from '../runtime/logger.ts'
import { certificatesIn, isSame } from './material.ts'

/** Our webhook configurations. The check of hosts has one of its own: its failurePolicy is the operator's. */
export const CONFIGURATIONS: readonly Configuration[] = [
  { resource: RESOURCES.mutatingWebhooks, name: INSTALLATION.webhooks },
  { resource: RESOURCES.validatingWebhooks, name: INSTALLATION.webhooks },
  { resource: RESOURCES.validatingWebhooks, name: INSTALLATION.hostsWebhook },
]

type Configuration = { readonly resource: Resource; readonly name: string }

/** What the API server shall know of us. */
export type Trust = {
  /** The CAs that may sign the serving certificate. */
  readonly bundle: readonly X509Certificate[]
  /** Whether CAs go that are carried beside those; who still serves under one needs it. */
  readonly only: boolean
  /** Where the API server finds this server when not by the Service. */
  readonly url: string | undefined
}

/** What came of telling the API server. */
export type Published = {
  /** Whether it had to be told. */
  readonly changed: boolean
  /** Whether it trusts other CAs beside ours. */
  readonly surplus: boolean
}

/** Tells the API server whom to trust, and where to call: writes `clientConfig` of each webhook in
 * our configurations, by server-side apply and only where it differs. The manifests carry no
 * caBundle, so that no GitOps tool empties it. Afterwards every one that exists carries the bundle.
 * Throws a 409 when one changed meanwhile. */
export async function publishTrust(
  input: { readonly client: KubeClient; readonly logger: Logger },
  trust: Trust,
): Promise<Published> {
  const all: Published[] = []
  for (const one of CONFIGURATIONS) all.push(await publishIn(one, input, trust))
  return {
    changed: all.some(({ changed }) => changed),
    surplus: all.some(({ surplus }) => surplus),
  }
}

/** The texts of a configuration's bundles: what of it concerns everybody's trust. */
export function bundlesIn(configuration: JsonObject): readonly string[] {
  return webhooksOf(configuration).map((webhook) => caBundleOf(webhook) ?? '')
}

async function publishIn(
  target: Configuration,
  { client, logger }: { readonly client: KubeClient; readonly logger: Logger },
  trust: Trust,
): Promise<Published> {
  const { resource, name } = target
  const found = await client.get(target)
  if (found.kind === 'forbidden') throw new Error(found.message)
  if (found.kind === 'missing') {
    logger.warn({ kind: resource.kind, name }, 'no webhook configuration')
    return { changed: false, surplus: false }
  }
  const webhooks = webhooksOf(found.object)
  const lacks = !webhooks.every((webhook) => carries(webhook, trust))
  const surplus = webhooks.some((webhook) => surplusOf(webhook, trust).length > 0)
  if (lacks || (surplus && trust.only)) {
    const { url } = trust
    const object =
      url === undefined ? found.object : await withoutService({ client, target, url }, found.object)
    await client.apply(resource, configuration(target, object, trust), { force: true })
    logger.info({ kind: resource.kind, name }, 'webhook configuration carries our CA')
  }
  return { changed: lacks, surplus: surplus && !trust.only }
}

/** Where a webhook has no URL yet: the API server refuses both, and server-side apply removes nothing
 * that the manifest set, so that the Service goes first. */
async function withoutService(
  {
    client,
    target,
    url,
  }: { readonly client: KubeClient; readonly target: Configuration; readonly url: string },
  object: JsonObject,
): Promise<JsonObject> {
  const operations = webhooksOf(object).flatMap((webhook, index): readonly Operation[] => {
    const path = `/webhooks/${index}/clientConfig`
    if (objectAt(webhook, 'clientConfig')['service'] === undefined) return []
    return [
      { op: 'test', path: `/webhooks/${index}/name`, value: webhook['name'] },
      { op: 'remove', path: `${path}/service` },
      { op: 'add', path: `${path}/url`, value: urlOf(webhook, url) },
    ]
  })
  if (operations.length === 0) return object
  return client.jsonPatch(target, operations)
}

function carries(webhook: JsonObject, { bundle, url }: Trust): boolean {
  const current = objectAt(webhook, 'clientConfig')
  const carried = carriedBy(webhook)
  return (
    bundle.every((ca) => carried.some((other) => isSame(ca, other))) &&
    textAt(current, 'url') === (url === undefined ? undefined : urlOf(webhook, url))
  )
}

/** CAs that a webhook carries beside our bundle. */
function surplusOf(webhook: JsonObject, { bundle }: Trust): readonly X509Certificate[] {
  return carriedBy(webhook).filter((ca) => !bundle.some((ours) => isSame(ca, ours)))
}

/** What is applied: the object's version in it makes a stale write fail. */
function configuration(
  { resource, name }: Configuration,
  object: JsonObject,
  trust: Trust,
): JsonObject {
  const { resourceVersion } = objectAt(object, 'metadata')
  return {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name, resourceVersion },
    webhooks: webhooksOf(object).map((webhook) => ({
      name: webhook['name'],
      clientConfig: {
        caBundle: encode([...trust.bundle, ...(trust.only ? [] : surplusOf(webhook, trust))]),
        ...(trust.url === undefined ? {} : { url: urlOf(webhook, trust.url) }),
      },
    })),
  }
}

/** The handler is the first label of the webhook's name: `mutate.tlsauto.dev`. */
function urlOf(webhook: JsonObject, base: string): string {
  return `${base}/${(textAt(webhook, 'name') ?? '').split('.')[0] ?? ''}`
}

function webhooksOf(configuration: JsonObject): readonly JsonObject[] {
  return jsonObjectsAt(configuration, 'webhooks')
}

function carriedBy(webhook: JsonObject): readonly X509Certificate[] {
  return certificatesIn(Buffer.from(caBundleOf(webhook) ?? '', 'base64').toString())
}

function caBundleOf(webhook: JsonObject): string | undefined {
  return textAt(objectAt(webhook, 'clientConfig'), 'caBundle')
}

function encode(certificates: readonly X509Certificate[]): string {
  return Buffer.from(certificates.map(String).join('')).toString('base64')
}
