import { wildcardOver } from '../certificates/cover.ts'
import { byRight, isOlder, type DomainClaim } from './domain-claim.ts'
import { createMultimap } from '../json/multimap.ts'
import { allowedDomainsOf, type NamespaceSettings } from '../settings/settings.ts'
import { hostPatterns } from '../traefik/host-patterns.ts'

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
  const patterns = new Map<string, readonly string[]>()
  const allowing = createMultimap<string, string>()
  const claims = new Map<string, DomainClaim>()
  const claimsOf = createMultimap<string, DomainClaim>()
  const below = createHostsBelow()
  const counts = new Map<string, number>()

  const count = ({ isAdministrators, spec: { namespace } }: DomainClaim, change: 1 | -1): void => {
    if (isAdministrators) return
    const now = (counts.get(namespace) ?? 0) + change
    if (now === 0) counts.delete(namespace)
    else counts.set(namespace, now)
  }

  const allow = (name: string, allowed: readonly string[], change: 'add' | 'remove'): void => {
    for (const pattern of allowed) {
      allowing[change](pattern, name)
      below[change]({ host: pattern, namespace: name, source: 'allowed' })
    }
  }

  const onlyAllowed = (host: string): string | undefined => {
    const names = new Set(hostPatterns(host).flatMap((pattern) => [...allowing.get(pattern)]))
    return names.size === 1 ? [...names][0] : undefined
  }

  const claimOf = (host: string): DomainClaim | undefined => {
    const all = [...claimsOf.get(host)]
    return all.length < 2 ? all[0] : all.toSorted(byRight)[0]
  }

  const holderOf = (host: string): string | undefined =>
    onlyAllowed(host) ?? claimOf(host)?.spec.namespace ?? holderBelow(host)

  const holderBelow = (host: string): string | undefined => {
    const wildcard = wildcardOver(host)
    const claim = wildcard === undefined ? undefined : claimOf(wildcard)
    return claim?.spec.below === true ? claim.spec.namespace : undefined
  }

  /** Whether the namespace claimed the wildcard before anybody claimed that host below it: who names a host only
   * then can't keep the wildcard's certificate from being made again. */
  const isLater = (host: string, wildcard: string, namespace: string): boolean => {
    const [own, claim] = [claimOf(wildcard), claimOf(host)]
    if (own?.spec.namespace !== namespace || claim === undefined) return false
    if (claim.isAdministrators || onlyAllowed(host) !== undefined) return false
    return isOlder(own, claim)
  }

  /** The other holder of a host that a wildcard covers. The first one found is the answer. */
  const rivalBelow = (wildcard: string, namespace: string): string | undefined => {
    for (const host of below.ofOthers(wildcard, namespace)) {
      if (isLater(host, wildcard, namespace)) continue
      const holder = holderOf(host)
      if (holder !== undefined && holder !== namespace) return holder
    }
    return undefined
  }

  const forget = (known: DomainClaim | undefined): void => {
    if (known === undefined) return
    claims.delete(known.metadata.name)
    count(known, -1)
    claimsOf.remove(known.spec.host, known)
    below.remove({ ...known.spec, source: 'claim' })
  }

  return {
    setNamespace: (name, settings) => {
      allow(name, patterns.get(name) ?? [], 'remove')
      const allowed = settings === undefined ? [] : [...allowedDomainsOf(settings)]
      allow(name, allowed, 'add')
      if (allowed.length === 0) patterns.delete(name)
      else patterns.set(name, allowed)
    },
    putClaim: (claim) => {
      forget(claims.get(claim.metadata.name))
      claims.set(claim.metadata.name, claim)
      count(claim, 1)
      claimsOf.add(claim.spec.host, claim)
      below.add({ ...claim.spec, source: 'claim' })
    },
    removeClaim: ({ metadata }) => {
      const known = claims.get(metadata.name)
      // What is heard late may be the end of an older one.
      if (known?.metadata.uid === metadata.uid) forget(known)
    },
    claimOf,
    claims: () => claims.values(),
    countOf: (namespace) => counts.get(namespace) ?? 0,
    holderOf,
    rivalOf: (host, namespace) => {
      const holder = holderOf(host)
      if (holder !== undefined && holder !== namespace) return holder
      return host.startsWith('*') ? rivalBelow(host, namespace) : undefined
    },
  }
}

/** A host that may be a namespace's, and what says so. */
type Below = {
  readonly host: string
  readonly namespace: string
  readonly source: 'claim' | 'allowed'
}

/** The hosts below each wildcard, so that those of other namespaces are found without a look at one's own. */
function createHostsBelow() {
  const hosts = createMultimap<string, string>()
  const namespaces = createMultimap<string, string>()
  return {
    add: (one: Below): void => {
      const wildcard = wildcardOver(one.host)
      if (wildcard === undefined) return
      hosts.add(keyOf(wildcard, one), one.host)
      namespaces.add(wildcard, one.namespace)
    },
    remove: (one: Below): void => {
      const wildcard = wildcardOver(one.host)
      if (wildcard === undefined) return
      hosts.remove(keyOf(wildcard, one), one.host)
      const isUsed = SOURCES.some((source) => hosts.has(keyOf(wildcard, { ...one, source })))
      if (!isUsed) namespaces.remove(wildcard, one.namespace)
    },
    ofOthers: function* ofOthers(wildcard: string, namespace: string): Generator<string> {
      for (const other of namespaces.get(wildcard)) {
        if (other === namespace) continue
        for (const source of SOURCES) {
          yield* hosts.get(keyOf(wildcard, { namespace: other, source }))
        }
      }
    },
  }
}

function keyOf(wildcard: string, { namespace, source }: Omit<Below, 'host'>): string {
  return `${wildcard} ${namespace} ${source}`
}

const SOURCES = ['claim', 'allowed'] as const
