import type { CertificateRequest } from '../shared/certmanager/acme.ts'
import { isReady, type Certificate } from '../shared/certmanager/certificate.ts'
import { isRateLimit } from '../shared/findings/status.ts'
import { costWords, duplicatesOf, isUsedUp } from './duplicates.ts'
import { limitHolds } from './rate-limit.ts'
import type { Target } from './targets.ts'

/** One Certificate that is to be issued anew. */
export type Job = {
  readonly certificate: Certificate
  /** What it costs, in a few words; empty where nobody counts. */
  readonly cost: string
  /** What the user should know before; undefined: nothing. */
  readonly note: string | undefined
}

/** What is to be done, and in a sentence each what is not, with the reason. */
export type Work = { readonly jobs: readonly Job[]; readonly refusals: readonly string[] }

export type WorkInput = {
  readonly certificates: readonly Certificate[]
  readonly requests: readonly CertificateRequest[]
  /** The ACME directory of a Certificate's issuer; null: it has none, undefined: unknown. */
  readonly directoryOf: (certificate: Certificate) => string | null | undefined
  /** Why its last try failed; empty where none did, or nobody says. */
  readonly failureOf: (certificate: Certificate) => string
  readonly force: boolean
  /** Whether the Certificates go and their Secrets stay. */
  readonly keepsSecrets: boolean
  readonly now: Date
}

/** Turns targets into work: not those that are refused, gone, or out of Let's Encrypt's allowance. */
export function workOf(targets: readonly Target[], input: WorkInput): Work {
  const known = new Map(
    input.certificates.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]),
  )
  const results = targets.map(({ namespace, name, refusal }): Job | string => {
    const certificate = known.get(`${namespace}/${name}`)
    if (refusal !== undefined) return refusal
    return certificate === undefined ? `Certificate ${name} is gone` : jobOf(certificate, input)
  })
  return {
    jobs: results.filter((result) => typeof result !== 'string'),
    refusals: results.filter((result) => typeof result === 'string'),
  }
}

function jobOf(certificate: Certificate, input: WorkInput): Job | string {
  const { requests, directoryOf, force, keepsSecrets, now } = input
  const { name } = certificate.metadata
  const failure = input.failureOf(certificate)
  // One that has expired says so first, and not what keeps it from a new one.
  if (isRateLimit(failure) && limitHolds(failure, now) && !force) {
    return `${name} is under a rate limit (${failure}): a try now would only be refused; --force tries all the same`
  }
  const directory = directoryOf(certificate)
  const duplicates = duplicatesOf(certificate, { requests, directory, now })
  if (isUsedUp(duplicates) && !force) {
    return `${name} would be ${costWords(duplicates)}, and refused; wait, or --force tries all the same`
  }
  const orders = !(keepsSecrets && ordersNothing(certificate, now))
  return {
    certificate,
    cost: orders ? costWords(duplicates) : '',
    note: orders ? undefined : nothingOrdered(certificate),
  }
}

/** Whether cert-manager would take the Secret for what is wanted and order nothing: it is valid, and its
 * renewal is not due. */
function ordersNothing(certificate: Certificate, now: Date): boolean {
  const { renewalTime } = certificate.status
  const isDue = renewalTime !== undefined && Date.parse(renewalTime) <= now.getTime()
  return isReady(certificate) && !isDue
}

function nothingOrdered({ metadata, spec, status }: Certificate): string {
  const until = status.notAfter === undefined ? '' : ` until ${status.notAfter}`
  return `${metadata.name}: its Secret ${spec.secretName} is valid${until}, so that nothing will be ordered; renew issues it anew, and --delete-secret takes the Secret away`
}
