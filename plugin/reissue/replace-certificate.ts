import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { parseMeta } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'

/** Deletes a Certificate as it was seen, and its Secret if that is asked for, for tlsauto's controller to
 * make it anew. Throws where it has become another meanwhile. */
export async function deleteCertificate(
  client: KubeClient,
  certificate: Certificate,
  options: { readonly withSecret: boolean },
): Promise<void> {
  const { namespace, name, uid } = certificate.metadata
  try {
    await client.delete({ resource: RESOURCES.certificates, namespace, name }, { uid })
  } catch (error) {
    if (!isStatus(error, 409) && !isStatus(error, 404)) throw error
    throw new Error('it was made anew meanwhile; look again', { cause: error })
  }
  // After the Certificate: cert-manager would order for the old one.
  if (options.withSecret) await deleteSecret(client, namespace, certificate.spec.secretName)
}

async function deleteSecret(client: KubeClient, namespace: string, name: string): Promise<void> {
  const target = { resource: RESOURCES.secrets, namespace, name }
  const found = await client.get(target)
  const metadata = found.kind === 'found' ? parseMeta(found.object['metadata']) : undefined
  if (found.kind === 'missing') return
  // Who may not read it may perhaps delete it.
  const preconditions = metadata === undefined ? undefined : { uid: metadata.uid }
  try {
    await client.delete(target, preconditions)
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  }
}
