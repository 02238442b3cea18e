import type { Baseline } from './baseline.ts'
import { needsPace, needsSecond } from './fault.ts'
import { PLAN_SETS, planOf, plansOf, type PlanSet } from './plans.ts'
import type { Sets } from './report.ts'
import type { Result } from './run-plans.ts'

const SEEDS = 200

/** What a plan's fixture must be like: with a short patience for what only time can heal, or with a second API
 * server. */
export type FixtureKind = 'ordinary' | 'slow' | 'elsewhere'

type Env = Readonly<Record<string, string | undefined>>
type Baselines = Readonly<Record<string, Baseline>>

export type Known = { readonly baselines: Baselines; readonly env: Env }

/** The plans that are asked for, by their sets. */
export function setsOf(baselines: Baselines, env: Env): Sets {
  const { PLAN, SCENARIO, SET, MUTANTS: only } = env
  if (only !== undefined) return {}
  if (PLAN !== undefined) return { plan: [/^\d+$/.test(PLAN) ? `seed-${PLAN}` : PLAN] }
  const scenarios = Object.entries(baselines).filter(([name]) => (SCENARIO ?? name) === name)
  const ofSet = (set: PlanSet): readonly string[] =>
    scenarios.flatMap(([scenario, baseline]) => plansOf(set, { scenario, baseline }))
  const count = SCENARIO === undefined ? SEEDS : 0
  const seeds = Array.from({ length: count }, (_, at) => `seed-${at + 1}`)
  const all = [...PLAN_SETS.map((set) => [set, ofSet(set)] as const), ['random', seeds] as const]
  return Object.fromEntries(all.filter(([set]) => (SET ?? set) === set))
}

/** The plans of such a fixture without a result, or the one that is asked for. */
export function plansToRun(
  kind: FixtureKind,
  results: readonly Result[],
  { baselines, env }: Known,
): readonly string[] {
  const known = new Set(env['PLAN'] === undefined ? results.map(({ plan }) => plan) : [])
  return Object.values(setsOf(baselines, env))
    .flat()
    .filter((plan) => !known.has(plan) && kindOf(plan, baselines) === kind)
}

function kindOf(plan: string, baselines: Baselines): FixtureKind {
  const { faults } = planOf(plan, baselines)
  if (faults.some(needsSecond)) return 'elsewhere'
  return faults.some(needsPace) ? 'slow' : 'ordinary'
}
