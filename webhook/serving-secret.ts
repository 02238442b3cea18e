import { isStatus } from '../shared/kube/kube-error.ts'
import type { KubeClient } from '../shared/kube/kube-client.ts'
import { RESOURCES } from '../shared/kube/resources.ts'
import { objectAt, textAt, type JsonObject } from '../shared/json.ts'
import { OUR_LABELS } from '../shared/ours.ts'
import type { Logger } from './logger.ts'
import { faultOf, makeServingCertificate, type ServingCertificate } from './serving-certificate.ts'

/** The one Secret that tlsauto reads and writes. */
const SECRET_NAME = 'tlsauto-serving'

export type SecretInput = {
  readonly client: KubeClient
  readonly namespace: string
  /** Names and addresses under which the API server calls. */
  readonly names: readonly string[]
  readonly logger: Logger
}

/** The serving certificate that all replicas share, from its Secret; made when there is none, or none
 * that can go on serving. Of several replicas that make one at once the first wins. */
export async function sharedServingCertificate(input: SecretInput): Promise<ServingCertificate> {
  const { client, namespace, names, logger } = input
  const now = new Date()
  const found = await client.get({ resource: RESOURCES.secrets, namespace, name: SECRET_NAME })
  if (found.kind === 'forbidden') throw new Error(found.message)
  const stored = found.kind === 'found' ? readSecret(found.object) : undefined
  const fault = stored === undefined ? 'there is none' : faultOf(stored, { names, now })
  if (stored !== undefined && fault === undefined) return stored
  logger.info({ secret: SECRET_NAME, fault }, 'making a serving certificate')
  const made = await makeServingCertificate(names, now)
  try {
    await write(input, made, found.kind === 'found' ? found.object : undefined)
    return made
  } catch (error) {
    if (isStatus(error, 409)) return sharedServingCertificate(input)
    throw error
  }
}

async function write(
  { client, namespace }: SecretInput,
  made: ServingCertificate,
  existing: JsonObject | undefined,
): Promise<void> {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    data: {
      'ca.crt': encode(made.ca),
      'ca.key': encode(made.caKey),
      'tls.crt': encode(made.cert),
      'tls.key': encode(made.key),
    },
  }
  const metadata = { name: SECRET_NAME, namespace, labels: OUR_LABELS }
  if (existing === undefined) {
    await client.create(RESOURCES.secrets, { ...secret, metadata })
    return
  }
  const resourceVersion = objectAt(existing, 'metadata')['resourceVersion']
  const type = existing['type']
  await client.replace(RESOURCES.secrets, {
    ...secret,
    type,
    metadata: { ...metadata, resourceVersion },
  })
}

function readSecret(secret: JsonObject): ServingCertificate {
  const data = objectAt(secret, 'data')
  const decode = (key: string): string => Buffer.from(textAt(data, key) ?? '', 'base64').toString()
  return {
    ca: decode('ca.crt'),
    caKey: decode('ca.key'),
    cert: decode('tls.crt'),
    key: decode('tls.key'),
  }
}

function encode(pem: string): string {
  return Buffer.from(pem).toString('base64')
}
