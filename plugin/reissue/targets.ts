import type { State } from '../../shared/status/status.ts'
import { itemsCalled, itemsMeant } from '../status/named-items.ts'
import { rateLimitHolds } from './rate-limit.ts'
import type { StatusItem } from '../status/report.ts'

/** A Certificate that is meant, and whether a new issuance would do it good. */
export type Target = {
  readonly namespace: string
  readonly name: string
  /** Why there is nothing to do, and what to do instead; undefined: it is to be issued again. */
  readonly refusal: string | undefined
}

/** What a new issuance is for: to repair what failed, or to replace what is valid. */
export type Purpose = {
  readonly purpose: 'recreate' | 'renew'
  /** Whether to do it where it is said to be of no use. */
  readonly force: boolean
  readonly now: Date
}

/** The Certificates that the names mean: each a Certificate's name, a route's or a domain; without names
 * those of all items. Of several
 * under one name only those that a new issuance does good, if there are any. Throws where a name means
 * none, or too many. */
export function targetsOf(
  items: readonly StatusItem[],
  names: readonly string[],
  purpose: Purpose,
): readonly Target[] {
  const targets = itemsMeant(items, names).flatMap((items, index) => {
    const meant = withCertificate(items, names[index]).map((item) => target(item, purpose))
    const useful = meant.filter(({ refusal }) => refusal === undefined)
    return useful.length > 0 ? useful : meant
  })
  return eachOnce(targets)
}

/** The Certificates that have failed, of those that the names mean or, without names, of all. */
export function failedTargets(
  items: readonly StatusItem[],
  names: readonly string[],
  purpose: Purpose,
): readonly Target[] {
  const meant =
    names.length === 0
      ? items
      : names.flatMap((name) => withCertificate(itemsCalled(items, name), name))
  const failed = meant.filter(hasCertificate).filter(({ state }) => FAILED.has(state))
  return eachOnce(failed.map((item) => target(item, purpose)))
}

const FAILED: ReadonlySet<State> = new Set<State>([
  'failed',
  'expired',
  'rate-limited',
  'renew-failing',
])

function eachOnce(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((one) => [`${one.namespace}/${one.name}`, one])).values()]
}

type ItemWithCertificate = StatusItem & { readonly certificate: string }

function hasCertificate(item: StatusItem): item is ItemWithCertificate {
  return item.certificate !== null
}

/** Of what a name means, what has a Certificate: in one namespace, or the name says too little. */
function withCertificate(
  meant: readonly StatusItem[],
  name: string | undefined,
): readonly ItemWithCertificate[] {
  const found = meant.filter(hasCertificate)
  if (name === undefined) return found
  if (found.length === 0) {
    throw new Error(
      `${name} has no Certificate to issue again: ${meant[0]?.message ?? 'none was made yet'}`,
    )
  }
  const namespaces = new Set(found.map(({ namespace }) => namespace))
  if (namespaces.size > 1) {
    throw new Error(
      `${name} is in several namespaces (${[...namespaces].join(', ')}): choose one with -n`,
    )
  }
  return found
}

function target(item: ItemWithCertificate, purpose: Purpose): Target {
  const { namespace, certificate, domain, state, message } = item
  const why = purpose.force ? undefined : refusal(item, purpose)
  const cause = message === null ? '' : ` (${message})`
  return {
    namespace,
    name: certificate,
    refusal: why === undefined ? undefined : `${domain ?? certificate} is ${state}${cause}: ${why}`,
  }
}

function refusal(item: StatusItem, { purpose, now }: Purpose): string | undefined {
  if (isLimited(item, now)) return 'a try now would only be refused; --force tries all the same'
  if (item.state === 'issued' && purpose === 'renew') return undefined
  return REFUSALS[item.state]
}

function isLimited({ reason, state, message }: StatusItem, now: Date): boolean {
  return (
    (state === 'rate-limited' || reason === 'RateLimited') && rateLimitHolds(message ?? '', now)
  )
}

const UNDER_WAY = 'it is under way; kubectl tlsauto status --watch follows it'

/** The states that a new issuance does not fix, and what to do instead. */
const REFUSALS: Partial<Readonly<Record<State, string>>> = {
  issued: 'nothing to repair; it renews by itself',
  renewing: UNDER_WAY,
  pending: UNDER_WAY,
  stuck: 'fix what it waits for, and it goes on by itself; --force starts again',
  conflict: 'delete one of the two Certificates, or give one another Secret',
}
