import type { CertificateRequest } from '../../shared/certmanager/acme.ts'
import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { parseEvent } from '../../shared/kube/event.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { findCondition } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { listIfAllowed } from '../gather/list-if-allowed.ts'

/** Why cert-manager could make no CertificateRequest for what it is to issue, as it said last; undefined: it has
 * made one, or did not say since this issuance began, or this user may not list Events. Only an Event of the
 * Certificate tells (its request manager, `RequestFailed`). */
export async function unmadeRequest(
  client: KubeClient,
  { metadata, status }: Certificate,
  request: CertificateRequest | undefined,
): Promise<string | undefined> {
  const issuing = findCondition(status.conditions, 'Issuing')
  if (issuing?.status !== 'True' || request !== undefined) return undefined
  const events = await listIfAllowed(client, {
    resource: RESOURCES.events,
    namespace: metadata.namespace,
    fieldSelector: `involvedObject.uid=${metadata.uid},reason=RequestFailed`,
  })
  const told = (events ?? [])
    .flatMap((event) => parseEvent(event) ?? [])
    .filter(({ time = 0 }) => time >= (issuing.lastTransitionTime ?? Infinity))
  return told.toSorted((a, b) => (b.time ?? 0) - (a.time ?? 0))[0]?.message
}
