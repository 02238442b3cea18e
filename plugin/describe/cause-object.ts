import { isIssuing } from '../../shared/certmanager/certificate.ts'
import { causeOf, type Saying } from '../../shared/findings/cause-of.ts'
import type { Cause } from '../../shared/findings/causes.ts'
import type { State } from '../../shared/status/status.ts'
import { findCondition } from '../../shared/kube/object.ts'
import type { Around, Chain } from './chain.ts'

/** The one object of a chain that stands in the way. */
export type CauseObject = {
  /** Its uid, or `issuer` for the issuer. */
  readonly id: string
  readonly cause: Cause | undefined
  readonly message: string | null
}

type Candidate = (chain: Chain, around: Around) => CauseObject | undefined

/** Who is asked first when a try has failed: as in `failureText`, who knows most. */
const FAILED: readonly Candidate[] = [
  failedChallenge,
  failedOrder,
  issuer,
  failedRequest,
  certificateItself,
]

/** Who is asked first while a try waits: who holds up all that comes after it. */
const WAITING: readonly Candidate[] = [
  issuer,
  openChallenge,
  openOrder,
  openRequest,
  unmadeRequest,
  certificateItself,
]

/** States in which nothing stands in the way. */
const FINE: ReadonlySet<State> = new Set<State>(['issued', 'renewing'])

/** What stands in the way of a domain; undefined when nothing does, or when a try has only begun and
 * nobody complains. */
export function causeObjectOf(chain: Chain, around: Around): CauseObject | undefined {
  const { state } = chain.item
  if (FINE.has(state)) return undefined
  const candidates =
    state === 'conflict' ? [certificateItself] : isWaiting(chain) ? WAITING : FAILED
  for (const candidate of candidates) {
    const causeObject = candidate(chain, around)
    if (causeObject === undefined) continue
    return state === 'pending' && causeObject.cause === undefined ? undefined : causeObject
  }
  return undefined
}

function isWaiting({ certificate }: Chain): boolean {
  if (certificate === undefined) return false
  return isIssuing(certificate) || certificate.status.lastFailureTime === undefined
}

const FAILED_STATES: ReadonlySet<string> = new Set(['invalid', 'expired', 'errored'])

function failedChallenge({ challenges, item }: Chain): CauseObject | undefined {
  const failed = challenges.filter(({ state }) => FAILED_STATES.has(state))
  const challenge = failed.find((one) => isOf(one.dnsName, item.domain)) ?? failed[0]
  return challenge && inItsWords(challenge.metadata.uid, item)
}

/** A wildcard's challenge is for the name without its star. */
function isOf(dnsName: string, domain: string | null): boolean {
  return domain === null || domain.replace('*.', '') === dnsName
}

function failedOrder({ order, item }: Chain): CauseObject | undefined {
  if (order === undefined || !FAILED_STATES.has(order.state) || order.reason === '')
    return undefined
  return inItsWords(order.metadata.uid, item)
}

function failedRequest({ request, item }: Chain): CauseObject | undefined {
  const reason = findCondition(request?.conditions ?? [], 'Ready')?.reason
  if (request === undefined || (reason !== 'Failed' && reason !== 'Denied')) return undefined
  return inItsWords(request.metadata.uid, item)
}

function issuer({ certificate }: Chain, around: Around): CauseObject | undefined {
  if (certificate === undefined || around.issuer.kind === 'unknown') return undefined
  const { kind, name } = certificate.spec.issuerRef
  if (around.issuer.kind !== 'found') {
    return { id: 'issuer', cause: 'IssuerMissing', message: `there is no ${kind} ${name}` }
  }
  const ready = findCondition(around.issuer.issuer.conditions, 'Ready')
  if (ready === undefined) {
    const message = `${kind} ${name} has no Ready condition yet`
    return { id: 'issuer', cause: 'IssuerNotReady', message }
  }
  if (ready.status === 'True') return undefined
  return { id: 'issuer', cause: causeOf(ready) ?? 'IssuerNotReady', message: ready.message }
}

function openChallenge({ challenges, item }: Chain, { events }: Around): CauseObject | undefined {
  const open = challenges.filter(({ state }) => state !== 'valid' && !FAILED_STATES.has(state))
  const challenge = open.find(({ reason }) => reason !== '') ?? open[0]
  if (challenge === undefined) return undefined
  const { uid } = challenge.metadata
  return challenge.reason === ''
    ? (complaint(uid, events) ?? inItsWords(uid, item))
    : inItsWords(uid, item)
}

/** Only an Event says that no solver fits. */
function openOrder({ order, item }: Chain, { events }: Around): CauseObject | undefined {
  if (order === undefined || order.state === 'valid' || FAILED_STATES.has(order.state)) {
    return undefined
  }
  return complaint(order.metadata.uid, events) ?? inItsWords(order.metadata.uid, item)
}

function openRequest({ request, item }: Chain): CauseObject | undefined {
  const reason = findCondition(request?.conditions ?? [], 'Ready')?.reason
  if (request === undefined || reason === 'Failed' || reason === 'Issued') return undefined
  return inItsWords(request.metadata.uid, item)
}

/** Only an Event says why cert-manager could make none. */
function unmadeRequest(
  { certificate, request }: Chain,
  { events }: Around,
): CauseObject | undefined {
  if (certificate === undefined || request !== undefined) return undefined
  return complaint(certificate.metadata.uid, events)
}

/** The route where there is no Certificate. */
function certificateItself({ certificate, route, item }: Chain): CauseObject | undefined {
  const uid = (certificate ?? route)?.metadata.uid
  return uid === undefined ? undefined : inItsWords(uid, item)
}

/** In the words of `status`. */
function inItsWords(id: string, { cause, message }: Chain['item']): CauseObject {
  return { id, cause: cause ?? undefined, message }
}

/** In those of the last warning that the catalogue knows. */
function complaint(id: string, events: Around['events']): CauseObject | undefined {
  const warnings = events
    .filter((event) => event.uid === id && event.type === 'Warning')
    .toSorted((a, b) => (b.time ?? 0) - (a.time ?? 0))
  for (const { reason, message } of warnings) {
    const saying: Saying = { reason, message }
    const cause = causeOf(saying)
    if (cause !== undefined) return { id, cause, message }
  }
  return undefined
}
