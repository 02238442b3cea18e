import type { HostHolders } from './host-holders.ts'
import { isElsewhere } from '../names/is-elsewhere.ts'
import type { Sighting, Sightings } from './sightings.ts'

/** What there is to know about the hosts of a cluster. */
type Known = {
  readonly holders: HostHolders
  readonly sightings: Sightings
  /** Whether a namespace has as many claims as it may have. */
  readonly isFull?: (namespace: string) => boolean
}

/** Who a host belongs to as soon as it is claimed: its holder where that names it, else the namespace that
 * named it first, of those that may have one more claim where there is one. A wildcard over a host of another
 * namespace is nobody's. */
export function claimantOf(
  host: string,
  { holders, sightings, isFull = () => false }: Known,
): Sighting | undefined {
  const order = (a: Sighting, b: Sighting): number =>
    isFull(a.namespace) === isFull(b.namespace)
      ? sightings.compare(a, b)
      : isFull(a.namespace)
        ? 1
        : -1
  const holder = holders.holderOf(host)
  if (holder !== undefined) return sightings.at(host, holder)
  let first: Sighting | undefined
  for (const one of sightings.of(host)) {
    if (holders.rivalOf(host, one.namespace) !== undefined) continue
    if (seenBelow(one, { holders, sightings, isFull }) !== undefined) continue
    if (first === undefined || order(one, first) < 0) first = one
  }
  return first
}

/** Another namespace that named a host below a wildcard before the wildcard was named here, and gets it: its claim
 * may be on its way. */
function seenBelow(sighting: Sighting, known: Known): string | undefined {
  const { host: wildcard, namespace } = sighting
  if (!wildcard.startsWith('*')) return undefined
  const { sightings } = known
  for (const { host } of sightings.belowOfOthers(wildcard, namespace)) {
    const first = claimantOf(host, known)
    if (first === undefined || first.namespace === namespace) continue
    if (sightings.compare(first, sighting) < 0) return first.namespace
  }
  return undefined
}

/** Whether a host belongs to another namespace than this, or will as soon as it is claimed. */
export function isHeldElsewhere(
  place: { readonly host: string; readonly namespace: string },
  known: Known & {
    /** Who gets a host that nobody holds, where that is not for `claimantOf` alone to say. */
    readonly claimant?: (host: string) => Sighting | undefined
  },
): boolean {
  const { host, namespace } = place
  const { holders, claimant = (one) => claimantOf(one, known) } = known
  const holder = holders.rivalOf(host, namespace) ?? claimant(host)?.namespace
  return isElsewhere(holder, namespace) || isBehind(place, known)
}

/** Whether an unclaimed wildcard was named here only after a host below it in another namespace, that gets it. */
function isBehind(
  { host, namespace }: { readonly host: string; readonly namespace: string },
  known: Known,
): boolean {
  if (!host.startsWith('*') || known.holders.holderOf(host) === namespace) return false
  const own = known.sightings.at(host, namespace)
  return own !== undefined && seenBelow(own, known) !== undefined
}
