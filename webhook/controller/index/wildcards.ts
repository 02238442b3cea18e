import { hostsOf, isReady, type Certificate } from '../../../shared/certmanager/certificate.ts'
import { agreesWith, wildcardOver } from '../../../shared/certificates/cover.ts'
import type { HostStanding, ManagedRoute } from '../../../shared/certificates/desired.ts'
import { isOurs } from '../../../shared/kube/ours.ts'

/** What is asked of the index about one namespace's hosts. */
export type WildcardSources = {
  /** The managed routes that serve a host, the oldest first. */
  readonly routesOf: (namespace: string, host: string) => readonly ManagedRoute[]
  /** The oldest of them. */
  readonly oldestOf: (namespace: string, host: string) => ManagedRoute | undefined
  /** The Certificate that stands for a host. */
  readonly certificateOf: (namespace: string, host: string) => Certificate | undefined
  readonly hostsBelow: (namespace: string, wildcard: string) => Iterable<string>
  readonly standingOf: (namespace: string, host: string) => HostStanding | undefined
  /** Whether a Certificate's carrier is there. */
  readonly isCarried: (certificate: Certificate) => boolean
}

/** A wildcard whose certificate is served, and the oldest route that asks for it. */
export type ServedWildcard = { readonly certificate: Certificate; readonly oldest: ManagedRoute }

/** Which hosts live off a wildcard's certificate. */
export type Wildcards = {
  /** A wildcard's Certificate that others could live off: wanted by a managed route of its namespace, ready, and
   * in Traefik's pool. */
  servedOf(namespace: string, wildcard: string): ServedWildcard | undefined
  /** The routes whose hosts a wildcard's Certificate serves: those it covers, and those it covered that
   * have no certificate of their own in Traefik's pool yet. */
  guestsOf(certificate: Certificate): readonly ManagedRoute[]
  /** Whether there are such. */
  hasGuests(certificate: Certificate): boolean
  /** Whether a Certificate of ours is ready, and in Traefik's pool by one of these routes or its carrier. */
  isServing(certificate: Certificate, routes: readonly ManagedRoute[]): boolean
}

/** The wildcards over an index. */
export function createWildcards(sources: WildcardSources): Wildcards {
  const isServing: Wildcards['isServing'] = (certificate, routes) =>
    isOurs(certificate) &&
    isReady(certificate) &&
    (sources.isCarried(certificate) ||
      routes.some((managed) => namesSecretOf(managed, certificate)))

  const isGuest = (certificate: Certificate, { host, cover, existing }: HostStanding): boolean => {
    if (cover !== undefined) return cover === certificate
    const routes = sources.routesOf(certificate.metadata.namespace, host)
    if (existing !== undefined && isServing(existing, routes)) return false
    const owners = new Set(certificate.metadata.ownerReferences.map(({ uid }) => uid))
    return routes.some(({ route }) => owners.has(route.metadata.uid))
  }

  const hostsOff = function* (certificate: Certificate): Generator<string> {
    if (certificate.status.notAfter === undefined) return
    const { namespace } = certificate.metadata
    for (const wildcard of hostsOf(certificate)) {
      if (!wildcard.startsWith('*')) continue
      for (const host of sources.hostsBelow(namespace, wildcard)) {
        const standing = sources.standingOf(namespace, host)
        if (standing !== undefined && isGuest(certificate, standing)) yield host
      }
    }
  }

  return {
    servedOf: (namespace, wildcard) => {
      const oldest = sources.oldestOf(namespace, wildcard)
      const certificate = oldest && sources.certificateOf(namespace, wildcard)
      if (oldest === undefined || certificate === undefined) return undefined
      const isServed = isServing(certificate, sources.routesOf(namespace, wildcard))
      return isServed ? { certificate, oldest } : undefined
    },
    guestsOf: (certificate) =>
      Array.from(hostsOff(certificate)).flatMap((host) =>
        sources.routesOf(certificate.metadata.namespace, host),
      ),
    hasGuests: (certificate) => hostsOff(certificate).next().done !== true,
    isServing,
  }
}

/** The wildcard's Certificate that a host needs none of its own beside: one that is served, under the same
 * settings. */
export function coverOf(
  standing: Omit<HostStanding, 'cover'>,
  servedOf: (wildcard: string) => ServedWildcard | undefined,
): Certificate | undefined {
  const wildcard = wildcardOver(standing.host)
  const served = wildcard === undefined ? undefined : servedOf(wildcard)
  return served !== undefined && agreesWith(standing, served.oldest)
    ? served.certificate
    : undefined
}

function namesSecretOf({ route }: ManagedRoute, { spec }: Certificate): boolean {
  return route.spec.tls?.secretName === spec.secretName
}
