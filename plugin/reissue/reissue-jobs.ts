import type { CertificateRequest } from '../../shared/certmanager/acme.ts'
import { isReady, type Certificate } from '../../shared/certmanager/certificate.ts'
import { eachAlone, notJudged } from '../../shared/json/each-alone.ts'
import { isRateLimit } from '../../shared/status/status.ts'
import { rfc3339 } from '../../shared/json/time.ts'
import { costWords, duplicatesOf, isUsedUp } from './duplicates.ts'
import { rateLimitHolds } from './rate-limit.ts'
import type { RecreationPreview } from './recreation-preview.ts'
import type { Target } from './targets.ts'

/** One Certificate that is to be issued again. */
export type ReissueJob = {
  readonly certificate: Certificate
  /** What it costs, in a few words; empty where nobody counts. */
  readonly cost: string
  /** What the user should know before; undefined: nothing. */
  readonly warning: string | undefined
}

/** What is to be done, and in a sentence each what is not, with the reason. */
export type ReissueJobs = {
  readonly jobs: readonly ReissueJob[]
  readonly refusals: readonly string[]
}

export type ReissueJobsInput = {
  readonly certificates: readonly Certificate[]
  readonly requests: readonly CertificateRequest[]
  /** The ACME directory of a Certificate's issuer; null: it has none, undefined: unknown. */
  readonly directoryOf: (certificate: Certificate) => string | null | undefined
  /** Why its last try failed; empty where none did, or nobody says. */
  readonly failureOf: (certificate: Certificate) => string
  readonly force: boolean
  readonly deletes: Deletes
  /** What tlsauto would make of a Certificate that is deleted. */
  readonly previewOf: (certificate: Certificate) => RecreationPreview
  readonly now: Date
}

/** What goes: `nothing` leaves Certificate and Secret in place; `certificate` deletes the Certificate, for tlsauto
 * to create it again, and `both` its Secret too. */
export type Deletes = 'nothing' | 'certificate' | 'both'

/** Turns targets into work: not those that are refused, gone, or out of Let's Encrypt's allowance. */
export function reissueJobs(targets: readonly Target[], input: ReissueJobsInput): ReissueJobs {
  const known = new Map(
    input.certificates.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]),
  )
  const resultOf = ({ namespace, name, refusal }: Target): ReissueJob | string => {
    const certificate = known.get(`${namespace}/${name}`)
    if (refusal !== undefined) return refusal
    return certificate === undefined ? `Certificate ${name} is gone` : jobOf(certificate, input)
  }
  const results = eachAlone(
    targets,
    resultOf,
    ({ name }, error) => `Certificate ${name}: ${notJudged(error)}`,
  )
  return {
    jobs: results.filter((result) => typeof result !== 'string'),
    refusals: results.filter((result) => typeof result === 'string'),
  }
}

function jobOf(certificate: Certificate, input: ReissueJobsInput): ReissueJob | string {
  const { requests, directoryOf, force, deletes, now } = input
  const { name } = certificate.metadata
  const failure = input.failureOf(certificate)
  // One that has expired says so first, and not what keeps it from a new one.
  if (isRateLimit(failure) && rateLimitHolds(failure, now) && !force) {
    return `${name} is under a rate limit (${failure}): a try now would only be refused; --force tries all the same`
  }
  const directory = directoryOf(certificate)
  const duplicates = duplicatesOf(certificate, { requests, directory, now })
  if (isUsedUp(duplicates) && !force) {
    return `${name} would be ${costWords(duplicates)}, and refused; wait, or --force tries all the same`
  }
  const cost = costWords(duplicates)
  if (deletes === 'nothing') return { certificate, cost, warning: undefined }
  return hardJob({ certificate, cost, recreationPreview: input.previewOf(certificate) }, input)
}

/** Of a Certificate that is to be deleted. */
function hardJob(
  job: {
    readonly certificate: Certificate
    readonly cost: string
    readonly recreationPreview: RecreationPreview
  },
  { deletes, force, now }: ReissueJobsInput,
): ReissueJob | string {
  const { certificate, cost, recreationPreview } = job
  if (recreationPreview.kind === 'nothing') {
    const warning = notRecreated(certificate, recreationPreview.routes)
    return force
      ? { certificate, cost: '', warning }
      : `${warning} (--force deletes it all the same)`
  }
  // Without a valid Secret it goes without saying that one is ordered.
  if (deletes === 'both' || !wouldDo(certificate, now)) {
    return { certificate, cost, warning: undefined }
  }
  const isSame = recreationPreview.secret === certificate.spec.secretName
  return isSame
    ? { certificate, cost: '', warning: nothingOrdered(certificate) }
    : { certificate, cost, warning: anotherSecret(certificate, recreationPreview.secret) }
}

function notRecreated({ metadata }: Certificate, routes: readonly string[]): string {
  const whose = routes.length === 1 ? 'its route' : 'its routes'
  const count = routes.length === 1 ? 'counts' : 'count'
  return `tlsauto would not create ${metadata.name} again: without it ${whose} ${routes.join(', ')} ${count} as older than tlsauto; set tlsauto.dev/enabled: "true" on the route first`
}

function anotherSecret({ metadata, spec }: Certificate, secret: string | undefined): string {
  if (secret === undefined) {
    return `${metadata.name}: a new certificate may be ordered, since the Secret may no longer be called ${spec.secretName}`
  }
  return `${metadata.name}: a new certificate will be ordered, since the Secret will be called ${secret}, and no longer ${spec.secretName}`
}

/** Whether cert-manager would take the Secret for what is wanted and order nothing: it is valid, and its
 * renewal is not due. */
function wouldDo(certificate: Certificate, now: Date): boolean {
  const { renewalTime } = certificate.status
  const isDue = renewalTime !== undefined && renewalTime <= now.getTime()
  return isReady(certificate) && !isDue
}

function nothingOrdered({ metadata, spec, status }: Certificate): string {
  const until = status.notAfter === undefined ? '' : ` until ${rfc3339(status.notAfter)}`
  return `${metadata.name}: its Secret ${spec.secretName} is valid${until}, so nothing will be ordered; renew issues it again, and --delete-secret deletes the Secret too`
}
