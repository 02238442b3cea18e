import { wildcardOver } from '../certificates/cover.ts'
import { isElsewhere } from '../names/is-elsewhere.ts'
import type { NamespaceSettings } from '../settings/settings.ts'
import { createAllowedHosts } from './allowed-hosts.ts'
import { createClaimStore } from './claim-store.ts'
import { isOlder, type DomainClaim } from './domain-claim.ts'
import { createHostsBelow } from './hosts-below.ts'

/** Which namespace every host of the cluster belongs to. Nothing that a tenant can write is asked. */
export type HostHolders = {
  /** undefined: the namespace is gone. */
  setNamespace(name: string, settings: NamespaceSettings | undefined): void
  putClaim(claim: DomainClaim): void
  removeClaim(claim: DomainClaim): void
  /** The claim of a host that counts. */
  claimOf(host: string): DomainClaim | undefined
  claims(): Iterable<DomainClaim>
  /** How many claims of tlsauto's name this namespace. */
  countOf(namespace: string): number
  /** The namespace that a host belongs to: the only one whose allowed-domains name it; else that of its
   * DomainClaim; else that of an administrator's DomainClaim for all below the wildcard over it. undefined:
   * nobody's yet. */
  holderOf(host: string): string | undefined
  /** Another namespace that keeps a host from this one: its holder or, of a wildcard, the holder of a host that
   * it would cover. */
  rivalOf(host: string, namespace: string): string | undefined
}

/** Nobody holds anything yet. */
export function createHostHolders(): HostHolders {
  const below = createHostsBelow()
  const claims = createClaimStore(below)
  const allowed = createAllowedHosts(below)

  const holderOf = (host: string): string | undefined =>
    allowed.onlyOf(host) ?? claims.of(host)?.spec.namespace ?? holderBelow(host)

  const holderBelow = (host: string): string | undefined => {
    const wildcard = wildcardOver(host)
    const claim = wildcard === undefined ? undefined : claims.of(wildcard)
    return claim?.spec.below === true ? claim.spec.namespace : undefined
  }

  /** Whether the namespace claimed the wildcard before anybody claimed that host below it: who names a host only
   * then can't keep the wildcard's certificate from being made again. */
  const isLater = (host: string, wildcard: string, namespace: string): boolean => {
    const [own, claim] = [claims.of(wildcard), claims.of(host)]
    if (own?.spec.namespace !== namespace || claim === undefined) return false
    if (claim.isAdministrators || allowed.onlyOf(host) !== undefined) return false
    return isOlder(own, claim)
  }

  /** The other holder of a host that a wildcard covers. The first one found is the answer. */
  const rivalBelow = (wildcard: string, namespace: string): string | undefined => {
    for (const host of below.ofOthers(wildcard, namespace)) {
      if (isLater(host, wildcard, namespace)) continue
      const holder = holderOf(host)
      if (isElsewhere(holder, namespace)) return holder
    }
    return undefined
  }

  return {
    setNamespace: allowed.setNamespace,
    putClaim: claims.put,
    removeClaim: claims.remove,
    claimOf: claims.of,
    claims: claims.all,
    countOf: claims.countOf,
    holderOf,
    rivalOf: (host, namespace) => {
      const holder = holderOf(host)
      if (isElsewhere(holder, namespace)) return holder
      return host.startsWith('*') ? rivalBelow(host, namespace) : undefined
    },
  }
}
