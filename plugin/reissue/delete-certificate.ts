import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { textAt } from '../../shared/json/json.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { parseMeta } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'

/** Deletes a Certificate as it was seen, and its Secret if that is asked for, for tlsauto's controller to
 * make it again. Throws where it has become another meanwhile, and where the Secret is not shown to be its own: who
 * may edit routes may name any Secret of the namespace in one. */
export async function deleteCertificate(
  client: KubeClient,
  certificate: Certificate,
  options: { readonly withSecret: boolean },
): Promise<void> {
  const { namespace, name, uid } = certificate.metadata
  const secret = options.withSecret ? await ownSecret(client, certificate) : undefined
  try {
    await client.delete({ resource: RESOURCES.certificates, namespace, name }, { uid })
  } catch (error) {
    if (!isStatus(error, 409) && !isStatus(error, 404)) throw error
    throw new Error('it was created again meanwhile; try again', { cause: error })
  }
  // After the Certificate: cert-manager would order for the old one.
  if (secret !== undefined) await deleteSecret(client, certificate, secret)
}

/** cert-manager's own, on every Secret that it issues into. */
const CERTIFICATE = 'cert-manager.io/certificate-name'

/** The uid of the Certificate's own Secret; undefined: there is none. */
async function ownSecret(
  client: KubeClient,
  { metadata: { namespace, name }, spec: { secretName } }: Certificate,
): Promise<string | undefined> {
  const target = { resource: RESOURCES.secrets, namespace, name: secretName }
  const found = await client.get(target)
  if (found.kind === 'missing') return undefined
  if (found.kind === 'forbidden') {
    throw new Error(
      `you are not allowed to read Secret ${secretName}, so nothing shows that it is this certificate's; leave --delete-secret out`,
    )
  }
  const metadata = parseMeta(found.object['metadata'])
  const isOwn =
    textAt(found.object, 'type') === 'kubernetes.io/tls' &&
    metadata?.annotations[CERTIFICATE] === name
  if (isOwn) return metadata.uid
  throw new Error(
    `Secret ${secretName} does not hold this certificate (its annotation ${CERTIFICATE} does not say ${name}); leave --delete-secret out`,
  )
}

async function deleteSecret(
  client: KubeClient,
  { metadata: { namespace }, spec: { secretName } }: Certificate,
  uid: string,
): Promise<void> {
  try {
    await client.delete({ resource: RESOURCES.secrets, namespace, name: secretName }, { uid })
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  }
}
