import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:tls'
import {
  isJsonObject,
  listAt,
  objectAt,
  stringsAt,
  textAt,
  type JsonObject,
} from '../../shared/json/json.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { CONFIGURATIONS } from '../../webhook/serving/webhook-configurations.ts'
import { find, stored } from './objects.ts'
import type { Stack } from './stack.ts'

export const SERVING_SECRET = {
  resource: RESOURCES.secrets,
  namespace: 'tlsauto',
  name: 'tlsauto-serving',
} as const

/** What the serving certificate's Secret holds. */
export type StoredServing = {
  readonly leaf: X509Certificate
  readonly cas: readonly X509Certificate[]
  readonly annotations: Readonly<Record<string, string>>
  readonly resourceVersion: string | undefined
}

/** Reads it; undefined where there is none, or nothing readable in it. */
export async function storedServing(stack: Stack): Promise<StoredServing | undefined> {
  const secret = await find(stack.client, SERVING_SECRET)
  if (secret === undefined) return undefined
  const data = objectAt(secret, 'data')
  const [leaf] = certificates(textAt(data, 'tls.crt'))
  const metadata = objectAt(secret, 'metadata')
  if (leaf === undefined) return undefined
  return {
    leaf,
    cas: certificates(textAt(data, 'ca.crt')),
    annotations: stringsAt(metadata, 'annotations'),
    resourceVersion: textAt(metadata, 'resourceVersion'),
  }
}

/** The CA bundles of all webhooks in our configurations; empty where there is none. */
export async function carriedBundles(stack: Stack): Promise<readonly string[]> {
  const configurations = await Promise.all(
    CONFIGURATIONS.map(async (target) => stored(stack.client, target)),
  )
  return configurations.flatMap(webhooksOf).map((webhook) => {
    const bundle = textAt(objectAt(webhook, 'clientConfig'), 'caBundle') ?? ''
    return Buffer.from(bundle, 'base64').toString()
  })
}

/** Takes the CA bundles out of our configurations. */
export async function emptyBundles(stack: Stack): Promise<void> {
  for (const target of CONFIGURATIONS) {
    const webhooks = webhooksOf(await stored(stack.client, target))
    const paths = webhooks.map((_webhook, index) => `/webhooks/${index}/clientConfig/caBundle`)
    await stack.client.jsonPatch(
      target,
      paths.map((path) => ({ op: 'remove', path })),
    )
  }
}

/** The certificate that is served under that URL. Throws when those CAs did not sign it, or it is not valid. */
export async function servedLeaf(url: string, ca: string): Promise<X509Certificate> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), ca })
  try {
    await once(socket, 'secureConnect')
    return new X509Certificate(socket.getPeerCertificate().raw)
  } finally {
    socket.destroy()
  }
}

function webhooksOf(configuration: JsonObject): readonly JsonObject[] {
  return listAt(configuration, 'webhooks').filter(isJsonObject)
}

function certificates(base64: string | undefined): readonly X509Certificate[] {
  const pem = Buffer.from(base64 ?? '', 'base64').toString()
  const blocks = pem
    .split(/(?<=-----END CERTIFICATE-----)/)
    .filter((block) => block.includes('BEGIN'))
  return blocks.map((block) => new X509Certificate(block))
}
