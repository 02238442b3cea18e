import { isReady, type Certificate } from '../../shared/certmanager/certificate.ts'
import { findCondition } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import { rfc3339 } from '../../shared/json/time.ts'
import { trimmedEnd } from '../../shared/json/trimmed.ts'
import type { EventNote, Step } from '../runtime/event-notes.ts'

/** What the owners of a Certificate should hear when it changed: that it is issued, that it failed. */
export function certificateNotes(before: Certificate, after: Certificate): readonly EventNote[] {
  const news = newsOf(before, after)
  if (news === undefined || !isOurs(after)) return []
  const { namespace, ownerReferences } = after.metadata
  return ownerReferences.map((owner) => ({ ...news, on: { ...owner, namespace } }))
}

function newsOf(
  before: Certificate,
  after: Certificate,
): { readonly reason: Step; readonly about: string } | undefined {
  const names = after.spec.dnsNames.join(', ')
  if (!isReady(before) && isReady(after)) {
    const { notAfter } = after.status
    const until = notAfter === undefined ? '?' : rfc3339(notAfter)
    return { reason: 'Issued', about: `${names}, until ${until}` }
  }
  const { lastFailureTime } = after.status
  if (lastFailureTime === undefined || lastFailureTime === before.status.lastFailureTime) {
    return undefined
  }
  // cert-manager ends its sentence with a colon where the order gives no reason.
  const message = trimmedEnd(findCondition(after.status.conditions, 'Issuing')?.message ?? '', ' ')
  const sentence = message.endsWith(':') ? message.slice(0, -1) : message
  return { reason: 'IssuanceFailed', about: `${names}: ${sentence}` }
}
