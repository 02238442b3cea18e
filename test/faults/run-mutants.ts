import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Baseline } from './baseline.ts'
import type { Mutant } from './mutants.ts'
import { bundleServer } from './program.ts'
import { needsPace, parsePlan } from './fault.ts'
import { problemsOf } from './checker.ts'
import { PACE, startFixture } from './fixture.ts'
import { runPlans } from './run-plans.ts'

/** What became of a mutant: the plan that noticed it, or undefined when none did. */
export type Fate = {
  readonly name: string
  readonly plan: string | undefined
  readonly problem: string | undefined
}

/** Runs a mutant's plans on a cluster of its own, against the real program's baselines, until one of
 * them notices it. */
export async function runMutant(
  mutant: Mutant,
  baselines: Readonly<Record<string, Baseline>>,
): Promise<Fate> {
  const { name, plans } = mutant
  const folder = await mkdtemp(join(tmpdir(), 'tlsauto-mutant-'))
  try {
    const program = join(folder, 'server.mjs')
    await bundleServer(program, mutant)
    const isSlow = plans.some((plan) => parsePlan(plan).faults.some(needsPace))
    const fixture = await startFixture(program, { flags: isSlow ? PACE : [] })
    let fate: Fate = { name, plan: undefined, problem: undefined }
    try {
      await runPlans(fixture, {
        plans,
        baselines,
        goesOn: () => fate.plan === undefined,
        onResult: async (result) => {
          const [problem] = problemsOf(result, baselines)
          if (problem !== undefined) fate = { name, plan: result.plan, problem }
        },
      })
    } finally {
      await fixture.stop()
    }
    return fate
  } finally {
    await rm(folder, { recursive: true })
  }
}
