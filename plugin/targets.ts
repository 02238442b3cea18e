import type { State } from '../shared/findings/status.ts'
import { itemsCalled } from './named-items.ts'
import type { StatusItem } from './report.ts'

/** A Certificate that a name means, and whether a new issuance would repair it. */
export type Target = {
  readonly namespace: string
  readonly name: string
  /** Why there is nothing to do, and what to do instead; undefined: it is to be issued anew. */
  readonly refusal: string | undefined
}

/** The Certificates that the names mean: each a Certificate's name, a route's or a domain. Of several
 * under one name only those that need repair, if any does. Throws where a name means none, or too many. */
export function targetsOf(
  items: readonly StatusItem[],
  names: readonly string[],
): readonly Target[] {
  const targets = names.flatMap((name) => {
    const meant = itemsMeant(items, name).map(target)
    const broken = meant.filter(({ refusal }) => refusal === undefined)
    return broken.length > 0 ? broken : meant
  })
  return [...new Map(targets.map((one) => [`${one.namespace}/${one.name}`, one])).values()]
}

type ItemWithCertificate = StatusItem & { readonly certificate: string }

function itemsMeant(items: readonly StatusItem[], name: string): readonly ItemWithCertificate[] {
  const meant = itemsCalled(items, name)
  const found = meant.filter((item): item is ItemWithCertificate => item.certificate !== null)
  if (found.length === 0) {
    throw new Error(
      `${name} has no Certificate to recreate: ${meant[0]?.message ?? 'none was made yet'}`,
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

function target(item: ItemWithCertificate): Target {
  const { namespace, certificate, domain, state, message } = item
  const refusal = REFUSALS[state]
  const cause = message === null ? '' : ` (${message})`
  return {
    namespace,
    name: certificate,
    refusal:
      refusal === undefined
        ? undefined
        : `${domain ?? certificate} is ${state}${cause}: ${refusal}`,
  }
}

const UNDER_WAY = 'it is under way; kubectl tlsauto status --watch follows it'

/** The states that a new issuance does not mend, and what to do instead. */
const REFUSALS: Partial<Readonly<Record<State, string>>> = {
  issued: 'nothing to repair; it renews by itself',
  renewing: UNDER_WAY,
  pending: UNDER_WAY,
  stuck: 'mend what it waits for, and it goes on by itself',
  conflict: 'delete one of the two Certificates, or give one another Secret',
}
