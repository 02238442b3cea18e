import { hostsOf, isReady, type Certificate } from '../../shared/certmanager/certificate.ts'
import { agreesWith, wildcardOver } from '../../shared/certmanager/cover.ts'
import { nameOf, type HostClaim, type ManagedRoute } from '../../shared/certmanager/desired.ts'
import { isOurs } from '../../shared/ours.ts'

/** What is asked of the index about one namespace's hosts. */
export type WildcardSources = {
  /** The managed routes that serve a host, the oldest first. */
  readonly routesOf: (namespace: string, host: string) => readonly ManagedRoute[]
  /** The Certificate that stands for a host. */
  readonly certificateOf: (namespace: string, host: string) => Certificate | undefined
  readonly hostsBelow: (namespace: string, wildcard: string) => Iterable<string>
  readonly claimOf: (namespace: string, host: string) => HostClaim | undefined
  /** Whether a Certificate's carrier is there. */
  readonly isCarried: (certificate: Certificate) => boolean
}

/** Which hosts live off a wildcard's certificate. */
export type Wildcards = {
  /** The wildcard's Certificate that a host needs none of its own beside: wanted by a managed route of
   * its namespace under the same settings, ready, and in Traefik's pool. */
  coverOf(claim: HostClaim): Certificate | undefined
  /** The routes whose hosts a wildcard's Certificate serves: those it covers, and those it covered that
   * have no certificate of their own in Traefik's pool yet. */
  guestsOf(certificate: Certificate): readonly ManagedRoute[]
}

/** The wildcards over an index. */
export function createWildcards(sources: WildcardSources): Wildcards {
  const isServing = (certificate: Certificate, routes: readonly ManagedRoute[]): boolean =>
    isOurs(certificate) &&
    isReady(certificate) &&
    (sources.isCarried(certificate) ||
      routes.some((managed) => namesSecretOf(managed, certificate)))

  const coverOf = (claim: HostClaim): Certificate | undefined => {
    const wildcard = wildcardOver(claim.host)
    if (wildcard === undefined) return undefined
    const { namespace } = claim.routes[0].route.metadata
    const over = sources.routesOf(namespace, wildcard)
    const [oldest] = over
    if (oldest === undefined || !agreesWith(claim, oldest)) return undefined
    const certificate = sources.certificateOf(namespace, wildcard)
    if (certificate === undefined || !isServing(certificate, over)) return undefined
    // It carries the host itself already, their names being equal.
    return nameOf(claim).certificate === certificate.metadata.name ? undefined : certificate
  }

  const isGuest = (certificate: Certificate, { cover, existing, routes }: HostClaim): boolean => {
    if (cover !== undefined) return cover === certificate
    if (existing !== undefined && isServing(existing, routes)) return false
    const owners = new Set(certificate.metadata.ownerReferences.map(({ uid }) => uid))
    return routes.some(({ route }) => owners.has(route.metadata.uid))
  }

  return {
    coverOf,
    guestsOf: (certificate) => {
      if (certificate.status.notAfter === undefined) return []
      const { namespace } = certificate.metadata
      return hostsOf(certificate)
        .filter((host) => host.startsWith('*'))
        .flatMap((wildcard) => [...sources.hostsBelow(namespace, wildcard)])
        .flatMap((host) => sources.claimOf(namespace, host) ?? [])
        .filter((claim) => isGuest(certificate, claim))
        .flatMap(({ routes }) => routes)
    },
  }
}

function namesSecretOf({ route }: ManagedRoute, { spec }: Certificate): boolean {
  return route.spec.tls?.secretName === spec.secretName
}
