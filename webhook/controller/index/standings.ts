import { hostsOf, isReady, type Certificate } from '../../../shared/certmanager/certificate.ts'
import { agreesWith, wildcardOver } from '../../../shared/certificates/cover.ts'
import type { HostClaim, HostStanding, ManagedRoute } from '../../../shared/certificates/desired.ts'
import { keyOf } from '../../../shared/kube/object.ts'
import { isOurs } from '../../../shared/kube/ours.ts'
import { isWildcard, parseDnsName } from '../../../shared/names/dns-name.ts'
import { isShared } from './certificate-store.ts'
import { isHeldElsewhere } from './claimants.ts'
import type { IndexState, ServedWildcard } from './index-state.ts'
import {
  certificateOfHost,
  certificatesOfHost,
  oldestOfHost,
  routesOfHost,
} from './managed-routes.ts'
import type { IndexedRoute } from './route-store.ts'

// A claim has guests, a guest is known by its own host's standing, and a standing has the Certificate of the wildcard
// over it as its cover. A cover asks for the wildcard's routes and its Certificate alone, so that there it ends.

/** A host with all that its Certificate depends on; undefined: no managed route serves it. */
export function claimOf(state: IndexState, namespace: string, host: string): HostClaim | undefined {
  const standing = standingOf(state, namespace, host)
  const [first, ...others] = routesOfHost(state, namespace, host)
  if (standing === undefined || first === undefined) return undefined
  const { existing } = standing
  const guests = isWildcard(standing.host) && existing ? guestsOf(state, existing) : []
  const former = formerOf(state, namespace, host)
  return { ...standing, routes: [first, ...others], guests, former }
}

/** The routes whose hosts a wildcard's Certificate serves: those it covers, and those it covered that have no
 * certificate of their own in Traefik's pool yet. */
function guestsOf(state: IndexState, certificate: Certificate): readonly ManagedRoute[] {
  return Array.from(hostsOff(state, certificate)).flatMap((host) =>
    routesOfHost(state, certificate.metadata.namespace, host),
  )
}

/** Whether there are such. */
export function hasGuests(state: IndexState, certificate: Certificate): boolean {
  return hostsOff(state, certificate).next().done !== true
}

/** The hosts that live off a wildcard's Certificate. */
function* hostsOff(state: IndexState, certificate: Certificate): Generator<string> {
  if (certificate.status.notAfter === undefined) return
  const { namespace } = certificate.metadata
  for (const wildcard of hostsOf(certificate)) {
    if (!wildcard.startsWith('*')) continue
    for (const host of hostsBelow(state, namespace, wildcard)) {
      const standing = standingOf(state, namespace, host)
      if (standing !== undefined && isGuest(state, certificate, standing)) yield host
    }
  }
}

function isGuest(
  state: IndexState,
  certificate: Certificate,
  { host, cover, existing }: HostStanding,
): boolean {
  if (cover !== undefined) return cover === certificate
  const routes = routesOfHost(state, certificate.metadata.namespace, host)
  if (existing !== undefined && isServing(state, existing, routes)) return false
  const owners = new Set(certificate.metadata.ownerReferences.map(({ uid }) => uid))
  return routes.some(({ route }) => owners.has(route.metadata.uid))
}

/** How a host stands in a namespace; undefined: no managed route serves it. */
export function standingOf(
  state: IndexState,
  namespace: string,
  host: string,
): HostStanding | undefined {
  return state.answers.standings.of(`${namespace}/${host}`, () => {
    const parsed = parseDnsName(host)
    const oldest = oldestOfHost(state, namespace, host)
    if (parsed.kind !== 'name' || oldest === undefined) return undefined
    const existing = certificateOfHost(state, namespace, host)
    const standing = { host: parsed.name, oldest, existing }
    if (isHeldElsewhere(state, host, namespace)) return contested(standing)
    return { ...standing, cover: coverOf(state, namespace, standing) }
  })
}

/** How a route's own hosts stand. */
export function* standingsOf(
  state: IndexState,
  { route, verdict }: IndexedRoute,
): Generator<HostStanding> {
  if (verdict.kind === 'unmanaged' || verdict.named) return
  for (const host of verdict.hosts) {
    const standing = standingOf(state, route.metadata.namespace, host)
    if (standing !== undefined) yield standing
  }
}

/** Where another namespace holds a host nothing is made; what is there already stays, as it is. */
function contested(standing: Omit<HostStanding, 'cover'>): HostStanding | undefined {
  const { existing } = standing
  if (existing === undefined || !isOurs(existing)) return undefined
  return { ...standing, cover: undefined }
}

/** The wildcard's Certificate that a host needs none of its own beside: one that is served, under the same
 * settings. */
function coverOf(
  state: IndexState,
  namespace: string,
  standing: Omit<HostStanding, 'cover'>,
): Certificate | undefined {
  const wildcard = wildcardOver(standing.host)
  const served = wildcard === undefined ? undefined : servedWildcard(state, namespace, wildcard)
  return served !== undefined && agreesWith(standing, served.oldest)
    ? served.certificate
    : undefined
}

/** A wildcard's Certificate that others could live off: wanted by a managed route of its namespace, ready, and in
 * Traefik's pool. */
function servedWildcard(
  state: IndexState,
  namespace: string,
  wildcard: string,
): ServedWildcard | undefined {
  return state.answers.served.of(`${namespace}/${wildcard}`, () => {
    const oldest = oldestOfHost(state, namespace, wildcard)
    const certificate = oldest && certificateOfHost(state, namespace, wildcard)
    if (oldest === undefined || certificate === undefined) return undefined
    const isServed = isServing(state, certificate, routesOfHost(state, namespace, wildcard))
    return isServed ? { certificate, oldest } : undefined
  })
}

/** Whether a Certificate of ours is ready, and in Traefik's pool by one of these routes or its carrier. */
function isServing(
  state: IndexState,
  certificate: Certificate,
  routes: readonly ManagedRoute[],
): boolean {
  return (
    isOurs(certificate) &&
    isReady(certificate) &&
    (isCarried(state, certificate) || routes.some((one) => namesSecretOf(one, certificate)))
  )
}

/** Whether a Certificate's carrier is there. */
export function isCarried({ routes }: IndexState, certificate: Certificate): boolean {
  const carrier = routes.get(`IngressRoute ${keyOf(certificate)}`)?.route
  return (
    carrier !== undefined &&
    isOurs(carrier) &&
    carrier.spec.tls?.secretName === certificate.spec.secretName
  )
}

/** The Certificate that a host shares with others, while its own is not served. */
function formerOf(state: IndexState, namespace: string, host: string): Certificate | undefined {
  const [own, ...others] = certificatesOfHost(state, namespace, host)
  const former = others.find(isShared)
  if (own === undefined || former === undefined || isShared(own)) return undefined
  return isServing(state, own, routesOfHost(state, namespace, host)) ? undefined : former
}

/** The hosts that routes of a namespace serve one label below a wildcard. */
function hostsBelow(
  { routes }: IndexState,
  namespace: string,
  wildcard: string,
): ReadonlySet<string> {
  return new Set(
    Array.from(routes.keysBelow(namespace, wildcard)).flatMap((key) => {
      const verdict = routes.get(key)?.verdict
      if (verdict?.kind !== 'managed') return []
      return verdict.hosts.filter((host) => wildcardOver(host) === wildcard)
    }),
  )
}

function namesSecretOf({ route }: ManagedRoute, { spec }: Certificate): boolean {
  return route.spec.tls?.secretName === spec.secretName
}
