import type { Baseline } from './baseline.ts'
import { JOURNEYS } from './journeys.ts'
import type { LookBack } from './look-back.ts'
import { planOf } from './plans.ts'
import type { Rig } from './rig.ts'
import { walk, type Walk } from './walk.ts'

/** What became of one plan: what was seen, of which `judge.ts` says whether it is right. */
export type Result = {
  /** Its name, or its seed. */
  readonly plan: string
  /** Why the end was not reached. */
  readonly failure?: string
  /** Whether all its faults struck: else the journey took a shorter way this time. */
  readonly struck: boolean
  /** Milliseconds from the user's step to the end. */
  readonly took: number
  /** Absent after a failure. */
  readonly seen?: LookBack
}

/** Runs plans one after the other; each one's quiet time passes during the next. Tells each result. */
export async function runPlans(
  rig: Rig,
  input: {
    readonly plans: readonly string[]
    readonly baselines: Readonly<Record<string, Baseline>>
    readonly onResult: (result: Result) => Promise<void>
    /** Asked before each plan. */
    readonly goesOn?: () => boolean
  },
): Promise<void> {
  const { plans, baselines, onResult, goesOn = () => true } = input
  let judged: Promise<void> = Promise.resolve()
  for (const plan of plans) {
    if (!goesOn()) break
    const { result } = await runPlan(rig, plan, baselines)
    // One behind: its quiet time is over, or nearly.
    await judged
    judged = result.then(onResult)
  }
  await judged
}

async function runPlan(
  rig: Rig,
  plan: string,
  baselines: Readonly<Record<string, Baseline>>,
): Promise<{ readonly result: Promise<Result> }> {
  const { journey: name, faults } = planOf(plan, baselines)
  const [journey, baseline] = [JOURNEYS[name], baselines[name]]
  if (journey === undefined || baseline === undefined)
    throw new Error(`there is no journey ${name}`)
  try {
    const { seen } = await walk(rig, journey, { faults, goal: baseline })
    return { result: seen.then((walk) => resultOf(plan, walk)) }
  } catch (error) {
    // Whatever it hangs in must not hold the next plan.
    await rig.away(async () => undefined)
    const failure = error instanceof Error ? error.message : String(error)
    return { result: Promise.resolve({ plan, failure, struck: true, took: 0 }) }
  }
}

function resultOf(plan: string, walk: Walk): Result {
  const { struck, took, writes, vain, late, broken, events } = walk
  return { plan, struck, took, seen: { writes, vain, late, broken, events } }
}
