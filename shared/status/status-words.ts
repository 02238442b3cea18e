import type { CertificateRequest, Challenge, Order } from '../certmanager/acme.ts'
import { isIssuing, type Certificate } from '../certmanager/certificate.ts'
import { findCondition } from '../kube/object.ts'
import { parseTime, rfc3339, type Time } from '../json/time.ts'

/** A Certificate and what hangs on it. */
export type StatusInput = {
  readonly certificate: Certificate
  /** The CertificateRequest of the revision that is being tried. */
  readonly request: CertificateRequest | undefined
  readonly order: Order | undefined
  readonly challenges: readonly Challenge[]
  /** The name of another Certificate with the same Secret, if there is one. */
  readonly rival: string | undefined
  readonly now: Date
}

/** Why a domain stands as it does. */
export type Words = {
  /** A CamelCase word, or null when all is well. */
  readonly reason: string | null
  /** In the words of who knows best, or null. */
  readonly message: string | null
}

/** All is well. */
export function nothingToSay(): Words {
  return { reason: null, message: null }
}

/** The certificate's time is over. */
export function expiryWords({ certificate }: StatusInput): Words {
  const message = `the certificate expired on ${textOf(certificate.status.notAfter)}`
  return { reason: 'Expired', message }
}

/** Two Certificates write one Secret: cert-manager lets only one of them. */
export function conflictWords({ certificate, rival }: StatusInput): Words {
  const { secretName } = certificate.spec
  return {
    reason: 'SecretShared',
    message: `Certificate ${rival} has the same Secret ${secretName}`,
  }
}

/** The last try failed: in the ACME server's own words where it gave any. */
export function failureWords(input: StatusInput): Words {
  const text = failureText(input)
  const [, type, detail] = ACME_PROBLEM.exec(text) ?? []
  if (type !== undefined && detail !== undefined)
    return { reason: capitalised(type), message: detail }
  const issuing = findCondition(input.certificate.status.conditions, 'Issuing')
  return { reason: issuing?.reason ?? 'Failed', message: text === '' ? null : text }
}

/** An ACME error as cert-manager writes it down: its type (RFC 8555 6.7) and what it says. */
const ACME_PROBLEM = /urn:ietf:params:acme:error:(\w+): (.+)/s

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** The last renewal failed, or it should have come long ago. */
export function renewalWords(input: StatusInput): Words {
  const { lastFailureTime, renewalTime } = input.certificate.status
  if (isIssuing(input.certificate)) return waitingWords(input)
  if (lastFailureTime !== undefined) return failureWords(input)
  const message = `its renewal was due at ${textOf(renewalTime)} and has not begun; is cert-manager running?`
  return { reason: 'RenewalOverdue', message }
}

/** What went wrong, from the one who knows most to the one who knows least: challenge, order, request,
 * Certificate. Empty when nobody says. */
export function failureText({ certificate, request, order, challenges }: StatusInput): string {
  const texts = [
    ...challenges.filter(({ state }) => FAILED_STATES.has(state)).map(({ reason }) => reason),
    order?.reason,
    findCondition(request?.conditions ?? [], 'Ready')?.message,
    findCondition(certificate.status.conditions, 'Issuing')?.message,
  ]
  return texts.find((text) => text !== undefined && text !== '') ?? ''
}

/** As in RFC 8555 7.1.6, and cert-manager's own `errored`. */
const FAILED_STATES = new Set(['invalid', 'expired', 'errored'])

/** What is being waited for, as far as anybody says: the challenge, the order, the request. What is
 * left of an earlier try that failed does not count. */
export function waitingWords(input: StatusInput): Words {
  return (
    challengeWords(input) ?? orderWords(input) ?? requestWords(input) ?? certificateWords(input)
  )
}

function challengeWords({ challenges }: StatusInput): Words | undefined {
  const open = challenges.filter(({ state }) => !FAILED_STATES.has(state))
  const challenge = open.find(({ reason }) => reason !== '') ?? open[0]
  if (challenge === undefined) return undefined
  const { reason, dnsName } = challenge
  const message = reason === '' ? `the challenge for ${dnsName} is being presented` : reason
  return { reason: 'ChallengePending', message }
}

const SOLVER_LATE_MS = 30_000

/** An order that no solver of the issuer fits stays without a challenge for ever; only an Event says
 * so. */
function orderWords({ order, challenges, now }: StatusInput): Words | undefined {
  if (order === undefined || FAILED_STATES.has(order.state)) return undefined
  const { state, reason } = order
  if (reason !== '') return { reason: 'OrderPending', message: reason }
  const created = parseTime(order.metadata.creationTimestamp) ?? now.getTime()
  const isOld = now.getTime() - created > SOLVER_LATE_MS
  const isLate = state === 'pending' && challenges.length === 0 && isOld
  const hint = isLate ? ' and has no challenge yet; has the issuer a solver for it?' : ''
  return { reason: 'OrderPending', message: `the order is ${state === '' ? 'new' : state}${hint}` }
}

function requestWords({ request, certificate }: StatusInput): Words | undefined {
  if (request === undefined) return undefined
  const ready = findCondition(request.conditions, 'Ready')
  if (ready?.reason === 'Failed') return undefined
  if (ready?.status === 'True') return unwrittenWords(certificate)
  if (ready !== undefined) return { reason: ready.reason, message: ready.message }
  const decided = ['Approved', 'Denied'].some((type) => findCondition(request.conditions, type))
  if (decided) return undefined
  const message = `CertificateRequest ${request.metadata.name} waits for approval`
  return { reason: 'WaitingForApproval', message }
}

/** The certificate is there, and cert-manager has not stored it: that it may not is only in its log. */
function unwrittenWords({ spec }: Certificate): Words {
  const message = `the certificate is issued, but Secret ${spec.secretName} is not written: is it another's, or immutable?`
  return { reason: 'SecretUnwritten', message }
}

function certificateWords({ certificate }: StatusInput): Words {
  const ready = findCondition(certificate.status.conditions, 'Ready')
  if (ready !== undefined) return { reason: ready.reason, message: ready.message }
  return { reason: 'NotBegun', message: 'cert-manager has not looked at it yet' }
}

function textOf(time: Time | undefined): string {
  return time === undefined ? 'an unknown time' : rfc3339(time)
}
