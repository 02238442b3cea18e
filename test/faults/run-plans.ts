import type { Baseline } from './baseline.ts'
import { SCENARIOS } from './scenarios.ts'
import type { LookBack } from './look-back.ts'
import { planOf } from './plans.ts'
import type { Fixture } from './fixture.ts'
import { walk, type Walk } from './walk.ts'

/** What became of one plan: what was seen, of which `checker.ts` says whether it is right. */
export type Result = {
  /** Its name, or its seed. */
  readonly plan: string
  /** Why the end was not reached. */
  readonly failure?: string
  /** Whether all its faults struck: else the scenario took a shorter way this time. */
  readonly struck: boolean
  /** Milliseconds from the user's step to the end. */
  readonly took: number
  /** Absent after a failure. */
  readonly seen?: LookBack
}

/** Runs plans one after the other; each one's quiet time passes during the next. Tells each result. */
export async function runPlans(
  fixture: Fixture,
  input: {
    readonly plans: readonly string[]
    readonly baselines: Readonly<Record<string, Baseline>>
    readonly onResult: (result: Result) => Promise<void>
    /** Asked before each plan. */
    readonly goesOn?: () => boolean
  },
): Promise<void> {
  const { plans, baselines, onResult, goesOn = () => true } = input
  let checked: Promise<void> = Promise.resolve()
  for (const plan of plans) {
    if (!goesOn()) break
    const { result } = await runPlan(fixture, plan, baselines)
    // One behind: its quiet time is over, or nearly.
    await checked
    checked = result.then(onResult)
  }
  await checked
}

async function runPlan(
  fixture: Fixture,
  plan: string,
  baselines: Readonly<Record<string, Baseline>>,
): Promise<{ readonly result: Promise<Result> }> {
  const { scenario: name, faults } = planOf(plan, baselines)
  const [scenario, baseline] = [SCENARIOS[name], baselines[name]]
  if (scenario === undefined || baseline === undefined)
    throw new Error(`there is no scenario ${name}`)
  try {
    const { seen } = await walk(fixture, scenario, { faults, goal: baseline })
    return { result: seen.then((walk) => resultOf(plan, walk)) }
  } catch (error) {
    // Whatever it hangs in must not hold the next plan.
    await fixture.away(async () => undefined)
    const failure = error instanceof Error ? error.message : String(error)
    return { result: Promise.resolve({ plan, failure, struck: true, took: 0 }) }
  }
}

function resultOf(plan: string, walk: Walk): Result {
  const { struck, took, writes, vain, late, broken, events } = walk
  return { plan, struck, took, seen: { writes, vain, late, broken, events } }
}
