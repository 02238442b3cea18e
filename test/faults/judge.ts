import type { Baseline } from './baseline.ts'
import { blinds, type Fault } from './fault.ts'
import type { Walk } from './walk.ts'

const CARRIER = / ingressroutes\/cert-/
/** Two workers may do the same thing at the same time, of which the second changes nothing. */
const MOST_VAIN = 5

/** What is wrong with a disturbed walk that reached its end. A fault in the writes forces no write that the
 * undisturbed walk does not have: what was not done is done later, what was done is seen to be done. But
 * where it keeps a route from naming its Secret for a while, the Secret's carrier may come and go
 * meanwhile. Who is blinded for a moment may do what has to be undone: his writes are not counted. */
export function problemsOf(
  seen: Walk,
  { baseline, faults }: { readonly baseline: Baseline; readonly faults: readonly Fault[] },
): readonly string[] {
  const counted = faults.some(blinds) ? {} : seen.writes
  return [
    ...seen.broken
      .filter((vow) => !baseline.broken.includes(vow))
      .map((vow) => `a vow is broken: ${vow}`),
    ...above(counted, (what) => (baseline.writes[what] ?? 0) + (CARRIER.test(what) ? 1 : 0)).map(
      (what) => `too often: ${what}`,
    ),
    ...seen.late.map((what) => `written when all was well: ${what}`),
    ...(seen.vain.length > MOST_VAIN * (1 + faults.length)
      ? [`written in vain ${seen.vain.length} times`]
      : []),
    ...above(seen.events, (what) => Math.max(1, baseline.events[what] ?? 0)).map(
      (what) => `Event told twice: ${what}`,
    ),
  ]
}

function above(
  counts: Readonly<Record<string, number>>,
  limit: (what: string) => number,
): readonly string[] {
  return Object.entries(counts)
    .filter(([what, count]) => count > limit(what))
    .map(([what, count]) => `${what} (${count} times, not ${limit(what)})`)
}
