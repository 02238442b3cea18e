import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { findBaseline, type Baseline } from './baseline.ts'
import { JOURNEYS } from './journeys.ts'
import { problemsOf } from './judge.ts'
import { MUTANTS } from './mutants.ts'
import { needsPace, needsSecond } from './fault.ts'
import { PLAN_SETS, planOf, plansOf, type PlanSet } from './plans.ts'
import { bundleServer } from './program.ts'
import { fatesTable, planTable, troubles, type Sets } from './report.ts'
import { PACE, startRig, type Rig, type RigOptions } from './rig.ts'
import { runMutant } from './run-mutants.ts'
import { runPlans, type Result } from './run-plans.ts'
import { strayWrites } from './stray-writes.ts'
import { openStore, type Store } from './store.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '.tlsauto', 'faults')
/** What only judges or tells what was seen: plans need not run again for it, mutants must. */
const JUDGES: readonly string[] = ['judge.ts', 'mutants.ts', 'report.ts']
const ROUNDS = 2
const SEEDS = 200

type Env = Readonly<Record<string, string | undefined>>
type Baselines = Readonly<Record<string, Baseline>>

/** Runs all plans and mutants that have no result yet, and prints tables. PLAN names one plan, or the
 * seed of one; SET and JOURNEY choose among the plans; MUTANTS=1: only the mutants. Gives whether all
 * was well. */
async function faults(env: Env): Promise<boolean> {
  const { program, store } = await openBuild()
  const baselines = await onRig(program, {}, async (rig) => {
    const baselines = await baselinesOf(rig, store, env)
    await runOn(rig, 'ordinary', { store, baselines, env })
    return baselines
  })
  for (const kind of ['slow', 'elsewhere'] as const) {
    const plans = plansToRun(kind, await store.results(), { baselines, env })
    if (plans.length === 0) continue
    const options = { flags: kind === 'slow' ? PACE : [], second: kind === 'elsewhere' }
    await onRig(program, options, async (rig) => runOn(rig, kind, { store, baselines, env }))
  }
  const sets = setsOf(baselines, env)
  const results = await store.results()
  const found = troubles(sets, results, baselines)
  say([...found, planTable(sets, results, baselines)].join('\n'))
  const all = [env['PLAN'], env['SET'], env['JOURNEY']].every((choice) => choice === undefined)
  return (!all || (await runMutants(store, baselines))) && found.length === 0
}

/** The program as it is now, and what is known of it. */
async function openBuild(): Promise<{ readonly program: string; readonly store: Store }> {
  await mkdir(FOLDER, { recursive: true })
  const fresh = join(FOLDER, `server-${process.pid}.mjs`)
  const server = await bundleServer(fresh)
  // What was seen by another harness is not comparable either.
  const own = (await readdir(import.meta.dirname)).toSorted()
  const seers = own.filter((name) => !name.endsWith('.test.ts') && !JUDGES.includes(name))
  const folder = join(FOLDER, await digestOf(server, seers))
  const store = await openStore(folder, join(folder, await digestOf(server, JUDGES)))
  const program = join(store.folder, 'server.mjs')
  await rename(fresh, program)
  return { program, store }
}

async function digestOf(server: string, files: readonly string[]): Promise<string> {
  const digest = createHash('sha256').update(server)
  for (const name of files) digest.update(await readFile(join(import.meta.dirname, name)))
  return digest.digest('hex').slice(0, 12)
}

async function onRig<T>(
  program: string,
  options: RigOptions,
  use: (rig: Rig) => Promise<T>,
): Promise<T> {
  const rig = await startRig(program, options)
  try {
    const used = await use(rig)
    const stray = await strayWrites(rig.stack)
    if (stray.length > 0) throw new Error(`written where it must not: ${stray.join(', ')}`)
    return used
  } finally {
    await rig.stop()
  }
}

async function baselinesOf(rig: Rig, store: Store, env: Env): Promise<Baselines> {
  let known = await store.baselines()
  const only = env['JOURNEY'] ?? /^([^/]+)\//.exec(env['PLAN'] ?? '')?.[1]
  for (const [name, journey] of Object.entries(JOURNEYS)) {
    if (known[name] !== undefined || (only !== undefined && only !== name)) continue
    say(`${name}, undisturbed`)
    known = { ...known, [name]: await findBaseline(rig, journey, { rounds: ROUNDS }) }
    await store.putBaselines(known)
  }
  return known
}

function setsOf(baselines: Baselines, env: Env): Sets {
  const { PLAN, JOURNEY, SET, MUTANTS: only } = env
  if (only !== undefined) return {}
  if (PLAN !== undefined) return { plan: [/^\d+$/.test(PLAN) ? `seed-${PLAN}` : PLAN] }
  const journeys = Object.entries(baselines).filter(([name]) => (JOURNEY ?? name) === name)
  const ofSet = (set: PlanSet): readonly string[] =>
    journeys.flatMap(([journey, baseline]) => plansOf(set, { journey, baseline }))
  const count = JOURNEY === undefined ? SEEDS : 0
  const seeds = Array.from({ length: count }, (_, at) => `seed-${at + 1}`)
  const all = [...PLAN_SETS.map((set) => [set, ofSet(set)] as const), ['random', seeds] as const]
  return Object.fromEntries(all.filter(([set]) => (SET ?? set) === set))
}

/** What a plan's rig must be like: with a short patience for what only time can heal, or with a second API
 * server. */
type RigKind = 'ordinary' | 'slow' | 'elsewhere'

type Known = { readonly baselines: Baselines; readonly env: Env }

async function runOn(rig: Rig, kind: RigKind, input: Known & { store: Store }): Promise<void> {
  const { store, baselines } = input
  const plans = plansToRun(kind, await store.results(), input)
  await runPlans(rig, { plans, baselines, onResult: teller(store, baselines, plans.length) })
}

/** The plans of such a rig without a result, or the one that is asked for. */
function plansToRun(
  kind: RigKind,
  results: readonly Result[],
  { baselines, env }: Known,
): readonly string[] {
  const known = new Set(env['PLAN'] === undefined ? results.map(({ plan }) => plan) : [])
  return Object.values(setsOf(baselines, env))
    .flat()
    .filter((plan) => !known.has(plan) && kindOf(plan, baselines) === kind)
}

function kindOf(plan: string, baselines: Baselines): RigKind {
  const { faults } = planOf(plan, baselines)
  if (faults.some(needsSecond)) return 'elsewhere'
  return faults.some(needsPace) ? 'slow' : 'ordinary'
}

function teller(
  store: Store,
  baselines: Baselines,
  total: number,
): (result: Result) => Promise<void> {
  let count = 0
  return async (result) => {
    count += 1
    await store.put(result)
    for (const problem of problemsOf(result, baselines)) say(`${result.plan}: ${problem}`)
    if (count % 25 === 0) say(`${count} of ${total} plans`)
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
