import { nameOf, type HostClaim } from '../../shared/certmanager/desired.ts'

/** What a search for claims asks of the index. */
export type ClaimSources = {
  /** The hosts that come, or came, under the name of a Certificate. */
  readonly hostsUnder: (key: string) => readonly string[]
  readonly claimOf: (namespace: string, host: string) => HostClaim | undefined
}

/** The claims of the hosts that could come under a Certificate (`namespace/name`), and of those that
 * share one with them, and so on: all that a decision about it depends on. */
export function claimsAround(key: string, sources: ClaimSources): readonly HostClaim[] {
  const namespace = key.slice(0, key.indexOf('/'))
  const claims = new Map<string, HostClaim | undefined>()
  const pending = [...sources.hostsUnder(key)]
  for (let host = pending.pop(); host !== undefined; host = pending.pop()) {
    if (claims.has(host)) continue
    const claim = sources.claimOf(namespace, host)
    claims.set(host, claim)
    // What becomes of a wildcard's Certificate is decided where all that it serves is known.
    if (claim === undefined || claim.cover !== undefined) continue
    pending.push(...sources.hostsUnder(`${namespace}/${nameOf(claim).certificate}`))
  }
  return [...claims.values()].filter((claim) => claim !== undefined)
}
