import { tableLines } from '../../plugin/printers/table.ts'
import type { Baseline } from './baseline.ts'
import { problemsOf } from './checker.ts'
import type { Fate } from './run-mutants.ts'
import type { Result } from './run-plans.ts'

/** Plans by the sets they are of. */
export type Sets = Readonly<Record<string, readonly string[]>>

const SLOW_MS = 5000

/** A line for each set of plans: how many there are, ran, had all their faults strike, and broke. */
export function planTable(
  sets: Sets,
  results: readonly Result[],
  baselines: Readonly<Record<string, Baseline>>,
): string {
  const rows = Object.entries(sets).map(([set, plans]) => {
    const ran = resultsOf(plans, results)
    const times = ran.map(({ took }) => took).toSorted((a, b) => a - b)
    return [
      set,
      plans.length,
      ran.length,
      ran.filter(({ struck }) => struck).length,
      ran.filter((result) => problemsOf(result, baselines).length > 0).length,
      times[Math.floor(times.length / 2)] ?? '-',
      times.at(-1) ?? '-',
      times.filter((took) => took > SLOW_MS).length,
    ]
  })
  return table(['SET', 'PLANS', 'RAN', 'STRUCK', 'BROKE', 'MEDIAN MS', 'SLOWEST MS', '> 5 S'], rows)
}

/** A line for each mutant. */
export function fatesTable(fates: readonly Fate[]): string {
  const rows = fates.map(({ name, plan, problem }) => [
    name,
    plan ?? 'SURVIVED',
    problem?.split('\n')[0]?.slice(0, 100) ?? '-',
  ])
  return table(['MUTANT', 'NOTICED BY', 'BECAUSE'], rows)
}

/** What is wrong, of the plans and of the undisturbed scenarios. */
export function troubles(
  sets: Sets,
  results: readonly Result[],
  baselines: Readonly<Record<string, Baseline>>,
): readonly string[] {
  const disturbed = resultsOf(Object.values(sets).flat(), results).flatMap((result) =>
    problemsOf(result, baselines).map((problem) => `${result.plan}: ${problem}`),
  )
  const undisturbed = Object.entries(baselines).flatMap(([scenario, { broken, late }]) =>
    [...broken, ...late].map((problem) => `${scenario}, undisturbed: ${problem}`),
  )
  return [...undisturbed, ...disturbed]
}

function resultsOf(plans: readonly string[], results: readonly Result[]): readonly Result[] {
  const wanted = new Set(plans)
  return results.filter(({ plan }) => wanted.has(plan))
}

function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => ({ text: String(cell) })))
  return tableLines({ heads, rows: cells }, { interactive: false, columns: 200 }).join('\n')
}
