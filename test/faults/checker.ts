import type { Baseline } from './baseline.ts'
import { blinds, kills, needsSecond, type Fault } from './fault.ts'
import type { LookBack } from './look-back.ts'
import { planOf } from './plans.ts'
import type { Result } from './run-plans.ts'

const CARRIER = / ingressroutes\/cert-/
/** Two workers may do the same thing at the same time, of which the second changes nothing. */
const MOST_VAIN = 5
/** Who does not see what he wrote may do it again at every other event, until he has listed it. */
const MOST_VAIN_BLIND = 20

/** What is wrong with what became of a plan: empty, it held. */
export function problemsOf(
  { plan, failure, seen }: Result,
  baselines: Readonly<Record<string, Baseline>>,
): readonly string[] {
  const { scenario, faults } = planOf(plan, baselines)
  const baseline = baselines[scenario]
  if (seen === undefined || baseline === undefined) return [failure ?? `no scenario ${scenario}`]
  return [
    ...seen.broken
      .filter((invariant) => !baseline.broken.includes(invariant))
      .map((invariant) => `an invariant is broken: ${invariant}`),
    ...tooOften(seen, baseline, faults),
    ...seen.late.map((what) => `written when all was well: ${what}`),
    ...vainWrites(seen, faults),
    ...toldTwice(seen, baseline, faults),
  ]
}

/** A fault in the writes forces no write that the undisturbed walk does not have: what was not done is done
 * later, what was done is seen to be done. But where it keeps a route from naming its Secret for a
 * while, the Secret's carrier may come and go meanwhile; and what goes is deleted by whoever is first,
 * tlsauto or the garbage collector. Who is blinded for a moment may do what has to be undone: his writes are
 * not counted. */
function tooOften(
  { writes }: LookBack,
  baseline: Baseline,
  faults: readonly Fault[],
): readonly string[] {
  if (faults.some(blinds)) return []
  const goes = new Set(
    Object.keys(baseline.start)
      .filter((name) => baseline.end[name] === undefined)
      .map((name) => `delete ${name.replace('/', 's/').toLowerCase()}`),
  )
  const most = (what: string): number => {
    const known = baseline.writes[what] ?? 0
    return CARRIER.test(what) ? known + 1 : Math.max(known, goes.has(what.toLowerCase()) ? 1 : 0)
  }
  return above(writes, most).map((what) => `too often: ${what}`)
}

/** Who starts again has forgotten what he told; where he hears of what is past as if it were news, since the API
 * server is behind, he tells it once more. */
function toldTwice(
  { events }: LookBack,
  baseline: Baseline,
  faults: readonly Fault[],
): readonly string[] {
  const again = faults.some(kills) && faults.some(needsSecond) ? 1 : 0
  const most = (what: string): number => Math.max(1, baseline.events[what] ?? 0) + again
  return above(events, most).map((what) => `Event told twice: ${what}`)
}

function vainWrites({ vain }: LookBack, faults: readonly Fault[]): readonly string[] {
  const most = (faults.some(blinds) ? MOST_VAIN_BLIND : MOST_VAIN) * (1 + faults.length)
  return vain.length > most ? [`written in vain ${vain.length} times`] : []
}

function above(
  counts: Readonly<Record<string, number>>,
  limit: (what: string) => number,
): readonly string[] {
  return Object.entries(counts)
    .filter(([what, count]) => count > limit(what))
    .map(([what, count]) => `${what} (${count} times, not ${limit(what)})`)
}
