import type { Baseline } from './baseline.ts'
import type { Walk } from './walk.ts'

/** What is wrong with a disturbed walk that reached its end. No fault forces a write that the undisturbed
 * walk does not have: one that was not done is done later, one that was done is seen to be done. */
export function problemsOf(seen: Walk, baseline: Baseline): readonly string[] {
  return [
    ...seen.broken
      .filter((vow) => !baseline.broken.includes(vow))
      .map((vow) => `a vow is broken: ${vow}`),
    ...above(seen.writes, (what) => baseline.writes[what] ?? 0).map((what) => `too often: ${what}`),
    ...seen.late.map((what) => `written when all was well: ${what}`),
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
