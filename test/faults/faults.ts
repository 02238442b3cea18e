import { findBaseline, type Baseline } from './baseline.ts'
import { SCENARIOS } from './scenarios.ts'
import { problemsOf } from './checker.ts'
import { MUTANTS } from './mutants.ts'
import { openBuild } from './open-build.ts'
import { plansToRun, setsOf, type Known, type FixtureKind } from './plans-to-run.ts'
import { fatesTable, planTable, troubles } from './report.ts'
import { PACE, startFixture, type Fixture, type FixtureOptions } from './fixture.ts'
import { runMutant } from './run-mutants.ts'
import { runPlans, type Result } from './run-plans.ts'
import { strayWrites } from './stray-writes.ts'
import type { Store } from './store.ts'

const ROUNDS = 2

type Env = Readonly<Record<string, string | undefined>>
type Baselines = Readonly<Record<string, Baseline>>

/** Runs all plans and mutants that have no result yet, and prints tables. PLAN names one plan, or the
 * seed of one; SET and SCENARIO choose among the plans; MUTANTS=1: only the mutants. Gives whether all
 * was well. */
async function faults(env: Env): Promise<boolean> {
  const { program, store } = await openBuild()
  const baselines = await baselinesOf(program, store, env)
  // A walk is mostly waiting: two at a time leave the machine room.
  const tracks = [['ordinary'], ['slow', 'elsewhere']] as const
  await Promise.all(
    tracks.map(async (kinds) => {
      for (const kind of kinds) await runKind(program, kind, { store, baselines, env })
    }),
  )
  const sets = setsOf(baselines, env)
  const results = await store.results()
  const found = troubles(sets, results, baselines)
  say([...found, planTable(sets, results, baselines)].join('\n'))
  const all = [env['PLAN'], env['SET'], env['SCENARIO']].every((choice) => choice === undefined)
  return (!all || (await runMutants(store, baselines))) && found.length === 0
}

async function onFixture<T>(
  program: string,
  options: FixtureOptions,
  use: (fixture: Fixture) => Promise<T>,
): Promise<T> {
  const fixture = await startFixture(program, options)
  try {
    const used = await use(fixture)
    const stray = await strayWrites(fixture.stack)
    if (stray.length > 0) throw new Error(`written where it must not: ${stray.join(', ')}`)
    return used
  } finally {
    await fixture.stop()
  }
}

async function baselinesOf(program: string, store: Store, env: Env): Promise<Baselines> {
  let known = await store.baselines()
  const only = env['SCENARIO'] ?? /^([^/]+)\//.exec(env['PLAN'] ?? '')?.[1]
  const wanted = Object.entries(SCENARIOS).filter(
    ([name]) => known[name] === undefined && (only ?? name) === name,
  )
  if (wanted.length === 0) return known
  return onFixture(program, {}, async (fixture) => {
    for (const [name, scenario] of wanted) {
      say(`${name}, undisturbed`)
      known = { ...known, [name]: await findBaseline(fixture, scenario, { rounds: ROUNDS }) }
      await store.putBaselines(known)
    }
    return known
  })
}

async function runKind(
  program: string,
  kind: FixtureKind,
  input: Known & { readonly store: Store },
): Promise<void> {
  const { store, baselines } = input
  const plans = plansToRun(kind, await store.results(), input)
  if (plans.length === 0) return
  const options = { flags: kind === 'slow' ? PACE : [], second: kind === 'elsewhere' }
  await onFixture(program, options, async (fixture) => {
    const onResult = teller(store, baselines, { kind, total: plans.length })
    await runPlans(fixture, { plans, baselines, onResult })
  })
}

function teller(
  store: Store,
  baselines: Baselines,
  { kind, total }: { readonly kind: FixtureKind; readonly total: number },
): (result: Result) => Promise<void> {
  let count = 0
  return async (result) => {
    count += 1
    await store.put(result)
    for (const problem of problemsOf(result, baselines)) say(`${result.plan}: ${problem}`)
    if (count % 25 === 0) say(`${kind}: ${count} of ${total} plans`)
  }
}

/** Whether every mutant was noticed. */
async function runMutants(store: Store, baselines: Baselines): Promise<boolean> {
  const known = new Map((await store.fates()).map((fate) => [fate.name, fate]))
  for (const mutant of MUTANTS) {
    if (known.get(mutant.name)?.plan !== undefined) continue
    const fate = await runMutant(mutant, baselines)
    known.set(mutant.name, fate)
    await store.putFate(fate)
    say(`${fate.plan === undefined ? 'SURVIVED' : 'noticed'}: ${mutant.name}`)
  }
  const fates = MUTANTS.flatMap(({ name }) => known.get(name) ?? [])
  say(fatesTable(fates))
  return fates.every(({ plan }) => plan !== undefined)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  if (!(await faults(process.env))) process.exitCode = 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`)
  process.exitCode = 1
}
