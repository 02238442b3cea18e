import { INSTALLATION } from '../../shared/kube/installation.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { objectAt, stringsAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { OUR_LABELS } from '../../shared/kube/ours.ts'
import {
  MATERIAL_KEYS,
  readMaterial,
  textsOf,
  type MaterialTexts,
  type Reading,
  type ServingMaterial,
} from './material.ts'
import type { Asked } from './rotation.ts'

/** On the Secret: `leaf` asks for a new leaf, `ca` for a new CA and then a leaf of it. */
const ASK = 'tlsauto.dev/rotate'

/** Where the Secret is. */
export type SecretPlace = { readonly client: KubeClient; readonly namespace: string }

/** The Secret as it has been read, for a write that names what it saw. */
export type ServingSecret = {
  /** As it is stored, if it is. */
  readonly object: JsonObject | undefined
  readonly reading: Reading
  readonly asked: Asked | undefined
}

/** Reads the Secret. Throws when the API server does not let us, or does not answer. */
export async function readServingSecret({
  client,
  namespace,
}: SecretPlace): Promise<ServingSecret> {
  const found = await client.get({
    resource: RESOURCES.secrets,
    namespace,
    name: INSTALLATION.servingSecret,
  })
  if (found.kind === 'forbidden') throw new Error(found.message)
  if (found.kind === 'missing') {
    const reading: Reading = { kind: 'damaged', faults: ['there is no Secret'] }
    return { object: undefined, reading, asked: undefined }
  }
  const { object } = found
  const asked = stringsAt(objectAt(object, 'metadata'), 'annotations')[ASK]
  return {
    object,
    reading: readMaterial(textsIn(objectAt(object, 'data'))),
    asked: asked === 'ca' || asked === 'leaf' ? asked : undefined,
  }
}

/** Writes the Secret where it still is what was read; throws a 409 when somebody was faster. What was
 * asked for is taken as answered unless `stillAsked`. */
export async function writeServingSecret(
  { client, namespace }: SecretPlace,
  write: {
    readonly over: JsonObject | undefined
    readonly material: ServingMaterial
    readonly stillAsked: boolean
  },
): Promise<void> {
  const { over, material, stillAsked } = write
  const secret = { apiVersion: 'v1', kind: 'Secret', data: dataOf(textsOf(material)) }
  if (over === undefined) {
    const metadata = { name: INSTALLATION.servingSecret, namespace, labels: OUR_LABELS }
    await client.create(RESOURCES.secrets, { ...secret, metadata, type: 'kubernetes.io/tls' })
    return
  }
  const metadata = objectAt(over, 'metadata')
  const { [ASK]: ask, ...annotations } = stringsAt(metadata, 'annotations')
  await client.replace(RESOURCES.secrets, {
    ...secret,
    type: over['type'],
    metadata: {
      ...metadata,
      labels: { ...stringsAt(metadata, 'labels'), ...OUR_LABELS },
      annotations: ask !== undefined && stillAsked ? { ...annotations, [ASK]: ask } : annotations,
    },
  })
}

function textsIn(data: JsonObject): MaterialTexts {
  const text = (key: string): string => Buffer.from(textAt(data, key) ?? '', 'base64').toString()
  return {
    'ca.crt': text('ca.crt'),
    'ca.key': text('ca.key'),
    'tls.crt': text('tls.crt'),
    'tls.key': text('tls.key'),
  }
}

function dataOf(texts: MaterialTexts): Readonly<Record<string, string>> {
  return Object.fromEntries(
    MATERIAL_KEYS.map((key) => [key, Buffer.from(texts[key]).toString('base64')]),
  )
}
