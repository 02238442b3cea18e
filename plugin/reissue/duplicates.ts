import { ownerUids, type CertificateRequest } from '../../shared/certmanager/acme.ts'
import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { findCondition } from '../../shared/kube/object.ts'
import { parseTime } from '../../shared/json/time.ts'

/** What a certificate counts for at Let's Encrypt. */
export type Duplicates = {
  /** How many with the same names were issued in the last week, at least: the cluster forgets the requests of
   * former revisions, and a Certificate that was created again starts to count again. */
  readonly used: number
  /** Whether Let's Encrypt signs; `unknown` where the issuer may not be read. */
  readonly letsEncrypt: 'yes' | 'no' | 'unknown'
}

/** Let's Encrypt issues so many certificates for the same names in 168 hours, whoever asks
 * (letsencrypt.org/docs/rate-limits). */
export const WEEKLY_DUPLICATES = 5
const WEEK_MS = 168 * 3_600_000

/** How many of the five a Certificate has used. One that is younger than a week counts its revisions, an
 * older one has only the requests that cert-manager has kept. */
export function duplicatesOf(
  certificate: Certificate,
  input: {
    readonly requests: readonly CertificateRequest[]
    /** The ACME directory of its issuer; null: it has none, undefined: it may not be read. */
    readonly directory: string | null | undefined
    readonly now: Date
  },
): Duplicates {
  const { requests, directory, now } = input
  const { uid, creationTimestamp } = certificate.metadata
  const weekAgo = now.getTime() - WEEK_MS
  const isYoung = (parseTime(creationTimestamp) ?? 0) >= weekAgo
  const issued = requests.filter(
    (request) =>
      ownerUids(request).includes(uid) &&
      findCondition(request.conditions, 'Ready')?.status === 'True' &&
      (parseTime(request.metadata.creationTimestamp) ?? 0) >= weekAgo,
  )
  return {
    used: isYoung ? certificate.status.revision : issued.length,
    letsEncrypt: directory === undefined ? 'unknown' : isLetsEncrypt(directory) ? 'yes' : 'no',
  }
}

/** Its staging server has no such limit to speak of. */
function isLetsEncrypt(directory: string | null): boolean {
  return directory?.startsWith('https://acme-v02.api.letsencrypt.org/') === true
}

/** What one more costs, in a few words; empty where nobody counts. */
export function costWords({ used, letsEncrypt }: Duplicates): string {
  if (letsEncrypt === 'no') return ''
  const whose = letsEncrypt === 'yes' ? "of Let's Encrypt's" : "if Let's Encrypt signs, of its"
  return `at least number ${used + 1} ${whose} ${WEEKLY_DUPLICATES} a week for the same names`
}

/** Whether Let's Encrypt would refuse one more. */
export function isUsedUp({ used, letsEncrypt }: Duplicates): boolean {
  return letsEncrypt === 'yes' && used >= WEEKLY_DUPLICATES
}
