import { REASONS, wording, type Finding, type Reason } from '../../shared/findings/reasons.ts'
import type { OwnerReference } from '../../shared/kube/object.ts'

/** Something to tell a route's owner: becomes an Event on the route. */
export type EventNote = {
  readonly on: OwnerReference & { readonly namespace: string }
  readonly reason: Step | Reason
  readonly about: string
  /** What else is wrong with the route: one Event tells of all of it. */
  readonly others?: readonly Finding[]
}

/** The steps of a route's way, beside what can be wrong with it. `{}` is what the note is about. */
const STEPS = {
  CertificateCreated: { type: 'Normal', text: 'Certificate {}' },
  CertificateAdopted: {
    type: 'Normal',
    text: 'Certificate {} was handed over: tlsauto takes care of it now',
  },
  CertificateDeleted: {
    type: 'Normal',
    text: 'Certificate {} is no longer needed; its Secret stays',
  },
  SecretNamed: { type: 'Normal', text: 'spec.tls.secretName is now {}' },
  HttpKept: { type: 'Normal', text: 'plain HTTP is answered by the route {}' },
  HttpRedirected: { type: 'Normal', text: 'plain HTTP is redirected to HTTPS: {}' },
  SecretTakenBack: { type: 'Normal', text: '{} is taken back from spec.tls; the Secret stays' },
  Issued: { type: 'Normal', text: 'HTTPS is ready: {}' },
  IssuanceFailed: { type: 'Warning', text: '{}; kubectl tlsauto status says why' },
  CertificateRefused: { type: 'Warning', text: 'the API server refuses a Certificate: {}' },
  CertificateLimited: {
    type: 'Warning',
    text: 'certificates wait: {} were made for this namespace in the last hour, the most it may have; the oldest routes go first',
  },
  ClaimLimited: {
    type: 'Warning',
    text: 'hosts wait for a DomainClaim, and get no certificate: this namespace has {}, the most it may have (--max-claims-per-namespace); ask the administrator',
  },
  ClaimNameTaken: {
    type: 'Warning',
    text: 'a host waits, and gets no certificate: the DomainClaim {} is for another host; ask the administrator to delete it',
  },
  ChangedBack: {
    type: 'Warning',
    text: 'tlsauto waits before it changes {} again: somebody else keeps changing it back',
  },
} as const satisfies Readonly<Record<string, { type: 'Normal' | 'Warning'; text: string }>>

export type Step = keyof typeof STEPS

/** Steps that could not be taken. What hinders them lasts, and is told again while it does: an Event is kept for
 * an hour only, and `status` reads it. */
const HINDRANCES: ReadonlySet<string> = new Set<Step>([
  'CertificateRefused',
  'CertificateLimited',
  'ClaimLimited',
  'ClaimNameTaken',
])

/** Whether it says why a step could not be taken. */
export function isHindrance(reason: string): boolean {
  return HINDRANCES.has(reason)
}

/** The Event's type and message. */
export function describeNote(note: EventNote): { readonly type: string; readonly message: string } {
  const { reason, about } = note
  if (isStep(reason)) {
    const step = STEPS[reason]
    return { type: step.type, message: step.text.replace('{}', () => about).slice(0, LONGEST) }
  }
  const finding: Finding = { reason, path: '', about }
  return {
    type: REASONS[reason].warns ? 'Warning' : 'Normal',
    message: [wording(finding), ...othersOf(note)].join('; '),
  }
}

/** The API server takes 1,024 bytes of a message. */
const LONGEST = 1000
/** So many findings are told in words. */
const TOLD = 3

function othersOf({ on, others = [] }: EventNote): readonly string[] {
  const told = others.slice(0, TOLD - 1).map(wording)
  const left = others.length - told.length
  if (left === 0) return told
  return [...told, `and ${left} more: kubectl tlsauto describe -n ${on.namespace} ${on.name}`]
}

/** Whether it is something that was done, and not something that is wrong. */
export function isStep(reason: string): reason is Step {
  return Object.hasOwn(STEPS, reason)
}
