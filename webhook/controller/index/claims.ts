import { nameOf, type HostClaim, type HostStanding } from '../../../shared/certificates/desired.ts'

/** What a search for claims asks of the index. */
export type ClaimSources = {
  /** The hosts that come, or came, under the name of a Certificate. */
  readonly hostsUnder: (key: string) => Iterable<string>
  readonly standingOf: (namespace: string, host: string) => HostStanding | undefined
  readonly claimOf: (namespace: string, host: string) => HostClaim | undefined
}

/** The claims that a decision about a Certificate (`namespace/name`) depends on: of the hosts that have it;
 * of those without one that could get it; and of those without one that could get the names which these
 * would have otherwise. */
export function claimsAround(key: string, sources: ClaimSources): readonly HostClaim[] {
  const [namespace = '', name = ''] = key.split('/')
  const at = (host: string): HostStanding | undefined => sources.standingOf(namespace, host)
  const here = new Set(sources.hostsUnder(key))
  const plain = Array.from(here, at)
    .filter((one) => one !== undefined && one.existing === undefined && one.cover === undefined)
    .map((one) => one && nameOf(one).certificate)
  for (const other of new Set(plain)) {
    for (const host of sources.hostsUnder(`${namespace}/${other}`)) {
      if (at(host)?.existing === undefined) here.add(host)
    }
  }
  return Array.from(here)
    .flatMap((host) => sources.claimOf(namespace, host) ?? [])
    .filter(
      ({ existing, former }) =>
        existing === undefined || [existing, former].some((one) => one?.metadata.name === name),
    )
}
