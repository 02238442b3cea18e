import { claimantOf, isHeldElsewhere as isElsewhere } from '../../../shared/claims/claimant.ts'
import type { DomainClaim } from '../../../shared/claims/domain-claim.ts'
import type { Sighting } from '../../../shared/claims/sightings.ts'
import { byAge } from '../../../shared/kube/object.ts'
import { isOurs } from '../../../shared/kube/ours.ts'
import { notedHosts } from '../../../shared/route/our-choice.ts'
import { hostPatterns } from '../../../shared/traefik/host-patterns.ts'
import type { ClaimState } from '../plan/plan-claim.ts'
import type { IndexState } from './index-state.ts'

/** Whether a host belongs to another namespace, or will as soon as it is claimed. */
export function isHeldElsewhere(state: IndexState, host: string, namespace: string): boolean {
  const claimant = (one: string): Sighting | undefined => claimantHere(state, one)
  return isElsewhere({ host, namespace }, { ...known(state), claimant })
}

/** What there is to know about the claim of a host. */
export function claimState(state: IndexState, host: string): ClaimState {
  const claim = state.holders.claimOf(host)
  const isSeen = claim !== undefined && isNamedIn(state, claim.spec.namespace, host)
  const claimant = claim === undefined ? claimantHere(state, host) : undefined
  return { host, claim, isSeen, claimant, room: claimRoom(state, claimant?.namespace ?? '') }
}

/** Whether a host would be this namespace's if that could have one more claim. */
export function isClaimLimited(state: IndexState, host: string, namespace: string): boolean {
  return (
    isFull(state, namespace) &&
    state.holders.claimOf(host) === undefined &&
    claimantHere(state, host)?.namespace === namespace
  )
}

/** Who gets an unclaimed host. What was noted before there were claims goes before the order of sight. */
function claimantHere(state: IndexState, host: string): Sighting | undefined {
  const { holders, sightings, noted } = state
  const note = holders.holderOf(host) === undefined ? noted.get(host) : undefined
  const before = note === undefined || isFull(state, note) ? undefined : sightings.at(host, note)
  return before ?? claimantOf(host, known(state))
}

function known(state: IndexState): Parameters<typeof claimantOf>[1] {
  const { holders, sightings } = state
  return { holders, sightings, isFull: (namespace) => isFull(state, namespace) }
}

/** What the routes that are not read name is unknown: it may be all that the namespace has. */
function isNamedIn({ sightings, unread }: IndexState, namespace: string, host: string): boolean {
  return sightings.at(host, namespace) !== undefined || unread.has(namespace)
}

function claimRoom({ maxClaims, holders }: IndexState, namespace: string): number {
  return maxClaims === 0 ? Infinity : maxClaims - holders.countOf(namespace)
}

function isFull(state: IndexState, namespace: string): boolean {
  return claimRoom(state, namespace) <= 0
}

/** Where hosts are named, or claimed: for each namespace, at least once. */
export function* places({
  sightings,
  holders,
}: IndexState): Generator<Pick<Sighting, 'host' | 'namespace'>> {
  yield* sightings.all()
  for (const { spec } of holders.claims()) yield spec
}

/** Whether no host was ever claimed by tlsauto here: it is new, or comes from a tlsauto that noted claims on routes. */
export function isMoving(claims: Iterable<DomainClaim>): boolean {
  return [...claims].every((claim) => !isOurs(claim))
}

/** The hosts that were noted on routes, each with its namespace, as far as tlsauto made a certificate there: a note
 * alone can be anybody's. */
export function notedBefore(state: IndexState): Iterable<readonly [string, string]> {
  const routes = Array.from(state.routes.all(), ({ route }) => route).sort(byAge)
  // Of several notes the oldest route's counts: the last that is set.
  return routes.toReversed().flatMap((route) => {
    const { namespace } = route.metadata
    return notedHosts(route)
      .filter((host) => hasCertificate(state, namespace, host))
      .map((host): readonly [string, string] => [host, namespace])
  })
}

/** Whether tlsauto has made a certificate that serves the host. */
function hasCertificate({ certificates }: IndexState, namespace: string, host: string): boolean {
  return hostPatterns(host)
    .flatMap((pattern) => [...certificates.keysOfHost(namespace, pattern)])
    .flatMap((key) => certificates.get(key) ?? [])
    .some(isOurs)
}
