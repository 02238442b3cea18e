/** Namespaces with as many claims as they may have: their hosts that stay unclaimed are looked at again. */
export type ClaimTurns = {
  /** A host of the namespace stays unclaimed. */
  limited(namespace: string): void
  /** One of its claims is gone. */
  gone(namespace: string): void
  /** Its hosts are being looked at. */
  begin(namespace: string): void
  /** Whether hosts of it stayed unclaimed: what is claimed now may be waited for. */
  isLate(namespace: string): boolean
  /** All of them. */
  namespaces(): Iterable<string>
  /** Another replica looks now. */
  forget(): void
}

/** What stays so is told again: an Event is kept for an hour only. */
const LOOK_AGAIN_MS = 600_000
/** Claims go in numbers: one look serves for all of them. */
const SOON_MS = 1000

/** None yet. `lookAfter` has the hosts of a namespace looked at after so many milliseconds, and not before. */
export function createClaimTurns(
  lookAfter: (namespace: string, milliseconds: number) => void,
): ClaimTurns {
  const known = new Set<string>()
  const due = new Set<string>()
  return {
    limited: (namespace) => {
      known.add(namespace)
      if (due.has(namespace)) return
      due.add(namespace)
      lookAfter(namespace, LOOK_AGAIN_MS)
    },
    gone: (namespace) => {
      if (!known.has(namespace)) return
      due.add(namespace)
      lookAfter(namespace, SOON_MS)
    },
    begin: (namespace) => due.delete(namespace),
    isLate: (namespace) => known.has(namespace),
    namespaces: () => known,
    forget: () => {
      known.clear()
      due.clear()
    },
  }
}
