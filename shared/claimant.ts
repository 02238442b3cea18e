import type { HostHolders } from './host-holders.ts'
import { bySight, type Sighting, type Sightings } from './sightings.ts'

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
    isFull(a.namespace) === isFull(b.namespace) ? bySight(a, b) : isFull(a.namespace) ? 1 : -1
  const holder = holders.holderOf(host)
  if (holder !== undefined) return sightings.at(host, holder)
  let first: Sighting | undefined
  for (const one of sightings.of(host)) {
    if (holders.rivalOf(host, one.namespace) !== undefined) continue
    if (first === undefined || order(one, first) < 0) first = one
  }
  return first
}

/** Whether a host belongs to another namespace than this, or will as soon as it is claimed. */
export function isHeldElsewhere(
  { host, namespace }: { readonly host: string; readonly namespace: string },
  known: Known,
): boolean {
  const holder =
    known.holders.rivalOf(host, namespace) ?? claimantOf(host, known)?.namespace ?? namespace
  return holder !== namespace
}
