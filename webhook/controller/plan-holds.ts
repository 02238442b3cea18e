import type { HostStanding } from '../../shared/certmanager/desired.ts'
import { heldHosts } from '../../shared/our-choice.ts'
import { HOLDS } from '../../shared/settings.ts'
import type { Route } from '../../shared/traefik/route.ts'
import { noteOn, type Action } from './action.ts'

/** Notes on the oldest managed route of a contested host that it holds it: before anything else, so that
 * the claim outlives the Certificate. What is contested no more is noted no more. */
export function planHolds(input: {
  readonly route: Route
  readonly claims: readonly HostStanding[]
  /** Whether only a note keeps a host for its namespace. */
  readonly needsNote: (host: string) => boolean
}): readonly Action[] {
  const { route, claims, needsNote } = input
  const held = claims
    .filter((claim) => claim.oldest.route === route && needsNote(claim.host))
    .map((claim) => claim.host)
    .toSorted()
  if (held.join() === heldHosts(route).join()) return []
  const { resourceVersion } = route.metadata
  const annotations = { [HOLDS]: held.length === 0 ? null : held.join() }
  return [{ kind: 'patch', route, patch: { metadata: { resourceVersion, annotations } } }]
}

/** Tells the owner of a route which of its hosts belong to another namespace: they get no Certificate. */
export function planConflict(input: {
  readonly route: Route
  readonly hosts: readonly string[]
  readonly isHeldElsewhere: (host: string) => boolean
}): readonly Action[] {
  const { route, isHeldElsewhere } = input
  const hosts = input.hosts.filter(isHeldElsewhere)
  return hosts.length === 0 ? [] : [noteOn(route, 'HostHeldElsewhere', hosts.join(', '))]
}
