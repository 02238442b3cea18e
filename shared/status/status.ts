import { isIssuing, type Certificate } from '../certmanager/certificate.ts'
import { findCondition } from '../kube/object.ts'
import { later, parseTime, retryAfter, rfc3339, timeAfter, type Time } from '../json/time.ts'
import {
  conflictWords,
  expiryWords,
  failureText,
  failureWords,
  nothingToSay,
  renewalWords,
  waitingWords,
  type StatusInput,
  type Words,
} from './status-words.ts'

/** The three words of a certificate's status. */
export type TlsStatus = 'issued' | 'failed' | 'pending'

/** The finer word beside it. */
export type State =
  | 'expired'
  | 'conflict'
  | 'rate-limited'
  | 'renew-failing'
  | 'failed'
  | 'stuck'
  | 'pending'
  | 'renewing'
  | 'issued'
  | 'unmanaged'
  /** It could not be judged: by a fault of ours, which what is stored brings about. */
  | 'unknown'

/** How one domain stands. */
export type DomainStatus = {
  readonly tlsStatus: TlsStatus
  readonly state: State
  /** A CamelCase word: the ACME server's for its error, or that of the condition that says so. */
  readonly reason: string | null
  /** What is wrong, in the words of who knows best, or null. */
  readonly message: string | null
  /** RFC 3339, or null. */
  readonly notAfter: string | null
  readonly nextRetry: string | null
}

/** The projection of cert-manager's Ready condition, and of nothing else. */
export function parseCertStatus(certificate: Certificate | undefined): TlsStatus {
  const ready = findCondition(certificate?.status.conditions ?? [], 'Ready')?.status
  if (ready === 'True') return 'issued'
  return ready === 'False' ? 'failed' : 'pending'
}

/** How a domain with a Certificate stands: the first state of the list that holds. */
export function domainStatus(input: StatusInput): DomainStatus {
  const row = STATES.find(({ holds }) => holds(input)) ?? LAST
  return {
    tlsStatus: row.tlsStatus,
    state: row.state,
    ...row.words(input),
    notAfter: textOf(input.certificate.status.notAfter),
    nextRetry: textOf(nextRetry(input, row.state)),
  }
}

type StateRow = {
  readonly state: State
  readonly tlsStatus: TlsStatus
  readonly holds: (input: StatusInput) => boolean
  readonly words: (input: StatusInput) => Words
}

const LAST: StateRow = {
  state: 'issued',
  tlsStatus: 'issued',
  holds: isReady,
  words: nothingToSay,
}

/** The first that holds is the state. */
const STATES: readonly StateRow[] = [
  { state: 'expired', tlsStatus: 'failed', holds: isExpired, words: expiryWords },
  { state: 'conflict', tlsStatus: 'failed', holds: isConflict, words: conflictWords },
  { state: 'rate-limited', tlsStatus: 'failed', holds: isRateLimited, words: failureWords },
  { state: 'renew-failing', tlsStatus: 'issued', holds: isRenewFailing, words: renewalWords },
  { state: 'failed', tlsStatus: 'failed', holds: isFailed, words: failureWords },
  { state: 'stuck', tlsStatus: 'pending', holds: isStuck, words: waitingWords },
  { state: 'pending', tlsStatus: 'pending', holds: isPending, words: waitingWords },
  {
    state: 'renewing',
    tlsStatus: 'issued',
    holds: ({ certificate }) => isIssuing(certificate),
    words: nothingToSay,
  },
  LAST,
]

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const STUCK_AFTER_MS = 5 * MINUTE_MS

function isReady({ certificate }: StatusInput): boolean {
  return parseCertStatus(certificate) === 'issued'
}

function isExpired({ certificate, now }: StatusInput): boolean {
  const { notAfter } = certificate.status
  return notAfter !== undefined && notAfter <= now.getTime()
}

function isPending(input: StatusInput): boolean {
  return !isReady(input)
}

function isConflict(input: StatusInput): boolean {
  return !isReady(input) && input.rival !== undefined
}

/** A failure stays in force until a new try begins. */
function isFailed(input: StatusInput): boolean {
  const { lastFailureTime } = input.certificate.status
  return !isReady(input) && !isIssuing(input.certificate) && lastFailureTime !== undefined
}

/** An ACME error as Go prints it: `429 urn:ietf:params:acme:error:rateLimited: …`. A 429 elsewhere in
 * the text may be a user's own server's answer to a challenge. */
const RATE_LIMITED = /rateLimited|(?:^|\s)429 (?:urn)?:/

function isRateLimited(input: StatusInput): boolean {
  return isFailed(input) && isRateLimit(failureText(input))
}

/** Whether the text of a failure is an ACME server's rate limit. */
export function isRateLimit(text: string): boolean {
  return RATE_LIMITED.test(text)
}

/** The last renewal failed, or it should have been over an hour ago: neither done nor begun since. */
function isRenewFailing(input: StatusInput): boolean {
  if (!isReady(input)) return false
  const { lastFailureTime, renewalTime } = input.certificate.status
  if (lastFailureTime !== undefined && !isIssuing(input.certificate)) return true
  const overdue = isLongerThan(HOUR_MS, renewalTime, input.now)
  return (
    overdue &&
    (!isIssuing(input.certificate) || isLongerThan(HOUR_MS, pendingSince(input), input.now))
  )
}

function isStuck(input: StatusInput): boolean {
  return !isReady(input) && isLongerThan(STUCK_AFTER_MS, pendingSince(input), input.now)
}

/** When this try began; where none has, when the Certificate stopped to be ready. */
function pendingSince({ certificate }: StatusInput): Time | undefined {
  const { conditions } = certificate.status
  const issuing = findCondition(conditions, 'Issuing')
  const condition = issuing?.status === 'True' ? issuing : findCondition(conditions, 'Ready')
  return condition?.lastTransitionTime ?? parseTime(certificate.metadata.creationTimestamp)
}

function isLongerThan(duration: number, since: Time | undefined, now: Date): boolean {
  return since !== undefined && now.getTime() - since > duration
}

/** cert-manager's own wait, or the ACME server's word, whichever is later. cert-manager
 * doubles from an hour to 32 (trigger controller); only its log says so. */
function nextRetry(input: StatusInput, state: State): Time | undefined {
  const { lastFailureTime, failedIssuanceAttempts } = input.certificate.status
  if (lastFailureTime === undefined || state === 'issued' || isIssuing(input.certificate))
    return undefined
  const hours = Math.min(32, 2 ** Math.max(0, failedIssuanceAttempts - 1))
  return later(timeAfter(lastFailureTime, hours * HOUR_MS), retryAfter(failureText(input)))
}

function textOf(time: Time | undefined): string | null {
  return time === undefined ? null : rfc3339(time)
}
