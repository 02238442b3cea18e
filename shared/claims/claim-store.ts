import { createMultimap } from '../json/multimap.ts'
import { byRight, type DomainClaim } from './domain-claim.ts'
import type { HostsBelow } from './hosts-below.ts'

/** The DomainClaims of the cluster. */
export type ClaimStore = {
  put(claim: DomainClaim): void
  remove(claim: DomainClaim): void
  /** The claim of a host that counts. */
  of(host: string): DomainClaim | undefined
  all(): Iterable<DomainClaim>
  /** How many claims of tlsauto's name this namespace. */
  countOf(namespace: string): number
}

/** None yet. Their hosts are told to `below`. */
export function createClaimStore(below: HostsBelow): ClaimStore {
  const claims = new Map<string, DomainClaim>()
  const claimsOf = createMultimap<string, DomainClaim>()
  const counts = new Map<string, number>()

  const count = ({ isAdministrators, spec: { namespace } }: DomainClaim, change: 1 | -1): void => {
    if (isAdministrators) return
    const now = (counts.get(namespace) ?? 0) + change
    if (now === 0) counts.delete(namespace)
    else counts.set(namespace, now)
  }

  const forget = (known: DomainClaim | undefined): void => {
    if (known === undefined) return
    claims.delete(known.metadata.name)
    count(known, -1)
    claimsOf.remove(known.spec.host, known)
    below.remove({ ...known.spec, source: 'claim' })
  }

  return {
    put: (claim) => {
      forget(claims.get(claim.metadata.name))
      claims.set(claim.metadata.name, claim)
      count(claim, 1)
      claimsOf.add(claim.spec.host, claim)
      below.add({ ...claim.spec, source: 'claim' })
    },
    remove: ({ metadata }) => {
      const known = claims.get(metadata.name)
      // What is heard late may be the end of an older one.
      if (known?.metadata.uid === metadata.uid) forget(known)
    },
    of: (host) => {
      const all = [...claimsOf.get(host)]
      return all.length < 2 ? all[0] : all.toSorted(byRight)[0]
    },
    all: () => claims.values(),
    countOf: (namespace) => counts.get(namespace) ?? 0,
  }
}
