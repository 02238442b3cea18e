import {
  isOfComingRevision,
  ownerUids,
  parseCertificateRequest,
  type CertificateRequest,
} from '../../shared/certmanager/acme.ts'
import {
  isIssuing,
  parseCertificate,
  type Certificate,
} from '../../shared/certmanager/certificate.ts'
import { isJsonObject, listAt, objectAt, type JsonObject } from '../../shared/json/json.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { findCondition, type ObjectMeta } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { timeAt } from '../../shared/json/time.ts'
import { listIfAllowed } from '../gather/list-if-allowed.ts'

export type ReissueContext = { readonly client: KubeClient; readonly now: () => Date }

const MOST_TRIES = 5

/** Asks cert-manager for a new issuance now, with the Secret left in place: as `cmctl renew` does it, by
 * PUT to the status (cert-manager's edit role allows no patch). One that is under way goes on, or, where
 * it is to start again, loses its request: cert-manager makes another at once. */
export async function triggerIssuance(
  certificate: { readonly namespace: string; readonly name: string; readonly force: boolean },
  context: ReissueContext,
): Promise<void> {
  const { client, now } = context
  for (let tries = 1; ; tries++) {
    const { object, parsed } = await read(client, certificate)
    const issuing = isIssuing(parsed)
    if (issuing && !certificate.force) return
    await removeRequests(client, parsed, issuing ? isAny : isHopeless)
    if (issuing) return
    try {
      await client.replace(RESOURCES.certificates, withIssuing(object, now()), 'status')
      return
    } catch (error) {
      // cert-manager wrote in between: look again.
      if (!isStatus(error, 409) || tries === MOST_TRIES) throw error
    }
  }
}

async function read(
  client: KubeClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<{ readonly object: JsonObject; readonly parsed: Certificate }> {
  const found = await client.get({ resource: RESOURCES.certificates, namespace, name })
  if (found.kind === 'forbidden') throw new Error(found.message)
  const parsed = found.kind === 'found' ? parseCertificate(found.object) : undefined
  if (found.kind === 'missing' || parsed === undefined) {
    throw new Error(`Certificate ${name} is gone; kubectl tlsauto status shows how it stands`)
  }
  return { object: found.object, parsed }
}

/** A request of the coming revision that was denied or found invalid would end the new issuance at once:
 * cert-manager's issuing controller looks at that before the request manager takes it away. One that
 * failed is older than the new issuance, and cert-manager removes it by itself. */
function isHopeless({ conditions }: CertificateRequest): boolean {
  return ['Denied', 'InvalidRequest'].some(
    (type) => findCondition(conditions, type)?.status === 'True',
  )
}

function isAny(): boolean {
  return true
}

/** Those of the coming revision. */
async function removeRequests(
  client: KubeClient,
  certificate: Certificate,
  isMeant: (request: CertificateRequest) => boolean,
): Promise<void> {
  const { namespace, uid } = certificate.metadata
  // None where they may not be read: most failed Certificates have no such request.
  const objects =
    (await listIfAllowed(client, { resource: RESOURCES.certificateRequests, namespace })) ?? []
  const meant = objects
    .flatMap((object) => parseCertificateRequest(object) ?? [])
    .filter((request) => ownerUids(request).includes(uid))
    .filter((request) => isOfComingRevision(request, certificate))
    .filter((request) => isMeant(request))
  for (const { metadata } of meant) await removeRequest(client, metadata)
}

async function removeRequest(client: KubeClient, { namespace, name, uid }: ObjectMeta) {
  try {
    await client.delete({ resource: RESOURCES.certificateRequests, namespace, name }, { uid })
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  }
}

/** The Certificate with Issuing=True. Its time must be after the last failure's, in whole seconds, or
 * cert-manager takes the failed request for the new one (its request manager compares them). */
function withIssuing(certificate: JsonObject, now: Date): JsonObject {
  const status = objectAt(certificate, 'status')
  const failed = timeAt(status, 'lastFailureTime')
  const time = failed === undefined ? now : new Date(Math.max(now.getTime(), failed + 1000))
  const condition = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'Certificate re-issuance manually triggered',
    lastTransitionTime: time.toISOString().replace(/\.\d+Z$/, 'Z'),
    observedGeneration: objectAt(certificate, 'metadata')['generation'],
  }
  const others = listAt(status, 'conditions').filter(
    (other) => !isJsonObject(other) || other['type'] !== 'Issuing',
  )
  return { ...certificate, status: { ...status, conditions: [...others, condition] } }
}
