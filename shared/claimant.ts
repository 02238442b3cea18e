import type { HostHolders } from './host-holders.ts'
import { bySight, type Sighting, type Sightings } from './sightings.ts'

/** Who a host belongs to as soon as it is claimed: its holder where that names it, else the namespace that
 * named it first. A wildcard over a host of another namespace is nobody's. */
export function claimantOf(
  host: string,
  { holders, sightings }: { readonly holders: HostHolders; readonly sightings: Sightings },
): Sighting | undefined {
  const holder = holders.holderOf(host)
  if (holder !== undefined) return sightings.at(host, holder)
  let first: Sighting | undefined
  for (const one of sightings.of(host)) {
    if (holders.rivalOf(host, one.namespace) !== undefined) continue
    if (first === undefined || bySight(one, first) < 0) first = one
  }
  return first
}

/** Whether a host belongs to another namespace than this, or will as soon as it is claimed. */
export function isHeldElsewhere(
  { host, namespace }: { readonly host: string; readonly namespace: string },
  known: { readonly holders: HostHolders; readonly sightings: Sightings },
): boolean {
  const holder =
    known.holders.rivalOf(host, namespace) ?? claimantOf(host, known)?.namespace ?? namespace
  return holder !== namespace
}
