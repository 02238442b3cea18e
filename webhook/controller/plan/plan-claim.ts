import { CLAIM_API, claimName, type DomainClaim } from '../../../shared/claims/domain-claim.ts'
import type { JsonObject } from '../../../shared/json/json.ts'
import { OUR_LABELS } from '../../../shared/kube/ours.ts'
import type { Sighting } from '../../../shared/claims/sightings.ts'

/** What is known about a host's claim. */
export type ClaimState = {
  readonly host: string
  /** The one that counts. */
  readonly claim: DomainClaim | undefined
  /** Whether something in the claim's namespace names the host, or may. */
  readonly isSeen: boolean
  /** Who gets the host where it has no claim. */
  readonly claimant: Sighting | undefined
  /** How many claims more that namespace may have. */
  readonly room: number
}

/** One step that brings a claim to where it should be. */
export type ClaimStep =
  | { readonly kind: 'create'; readonly claimant: Sighting; readonly object: JsonObject }
  | { readonly kind: 'patch'; readonly claim: DomainClaim; readonly patch: JsonObject }
  | { readonly kind: 'delete'; readonly claim: DomainClaim }
  /** The namespace has as many claims as it may have: the host stays unclaimed. */
  | { readonly kind: 'limited'; readonly claimant: Sighting }
  /** Look again after so many milliseconds. */
  | { readonly kind: 'wait'; readonly milliseconds: number }

/** A clock may be set right, and timers don't count weeks. */
const LONGEST_WAIT_MS = 3_600_000

/** Whether there is something to do about a claim, now or later. */
export function isClaimDue({ claim, isSeen, claimant }: ClaimState): boolean {
  if (claim === undefined) return claimant !== undefined
  if (claim.isAdministrators) return false
  return !isSeen || claim.spec.unusedSince !== undefined
}

/** What there is to do about a host's claim: made at first sight, where its namespace may have one more; marked once nothing in its namespace names the
 * host any more; unmarked when something does again; deleted after the grace. An administrator's is never
 * touched. */
export function planClaim(
  state: ClaimState,
  { now, graceMs }: { readonly now: Date; readonly graceMs: number },
): ClaimStep | undefined {
  const { claim, isSeen, claimant, room } = state
  if (claim === undefined) {
    if (claimant === undefined) return undefined
    return room > 0
      ? { kind: 'create', claimant, object: claimFor(claimant, now) }
      : { kind: 'limited', claimant }
  }
  if (claim.isAdministrators) return undefined
  const { unusedSince } = claim.spec
  if (isSeen) return unusedSince === undefined ? undefined : unused(claim, null)
  if (unusedSince === undefined) return unused(claim, now.toISOString())
  const left = unusedSince + graceMs - now.getTime()
  if (left <= 0) return { kind: 'delete', claim }
  return { kind: 'wait', milliseconds: Math.min(left, LONGEST_WAIT_MS) }
}

function unused(claim: DomainClaim, unusedSince: string | null): ClaimStep {
  const { uid, resourceVersion } = claim.metadata
  return {
    kind: 'patch',
    claim,
    patch: { metadata: { uid, resourceVersion }, spec: { unusedSince } },
  }
}

function claimFor({ host, namespace, by }: Sighting, now: Date): JsonObject {
  return {
    apiVersion: CLAIM_API,
    kind: 'DomainClaim',
    metadata: { name: claimName(host), labels: OUR_LABELS },
    spec: { host, namespace, since: now.toISOString(), by },
  }
}
