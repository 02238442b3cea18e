import { isDeepStrictEqual } from 'node:util'
import { hostPatterns } from '../traefik/host-patterns.ts'
import type { HostStanding, ManagedRoute } from './desired.ts'

/** The wildcard whose certificate would serve a host too, or undefined: a wildcard stands for names of
 * one label below it, not for other wildcards, and none stands right below the root. */
export function wildcardOver(host: string): string | undefined {
  const wildcard = hostPatterns(host)[1]
  return host.startsWith('*') || wildcard === '*' ? undefined : wildcard
}

/** Whether a wildcard's certificate is the one that a host's routes ask for, so that it needs none of its
 * own: both under the same issuers, flags and namespaces included, with the same fields, and no names
 * of its own. The oldest route of each counts. */
export function agreesWith(
  { host, oldest }: Pick<HostStanding, 'host' | 'oldest'>,
  wildcard: ManagedRoute,
): boolean {
  const { settings, verdict } = oldest
  const other = wildcard.settings
  const isNamed = verdict.hosts[0] === host && Object.keys(settings.spec.primary).length > 0
  return (
    !isNamed &&
    isDeepStrictEqual(settings.issuer, other.issuer) &&
    isDeepStrictEqual(settings.wildcardIssuer, other.wildcardIssuer) &&
    isDeepStrictEqual(settings.spec.every, other.spec.every)
  )
}
