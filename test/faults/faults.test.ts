import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findBaseline, type Baseline } from './baseline.ts'
import { parsePlan, planName } from './fault.ts'
import { SCENARIOS } from './scenarios.ts'
import { problemsOf } from './checker.ts'
import { plansOf, randomPlan } from './plans.ts'
import { bundleServer } from './program.ts'
import { startFixture, type Fixture } from './fixture.ts'
import { runPlans, type Result } from './run-plans.ts'
import { strayWrites } from './stray-writes.ts'

// A sample of `make faults`: it ends with its plans, or with its time.
const SAMPLE = [
  'slipped',
  'change-primary-host',
  'join',
  'opt-out-namespace',
  'http-serve',
  'leave',
]
const BUDGET_MS = 120_000

let folder: string
let fixture: Fixture
const baselines: Record<string, Baseline> = {}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tlsauto-faults-'))
  const program = join(folder, 'server.mjs')
  await bundleServer(program)
  fixture = await startFixture(program)
})

after(async () => {
  await fixture.stop()
  await rm(folder, { recursive: true })
})

for (const name of SAMPLE) {
  test(`${name}: undisturbed, in the safe order, and then silent`, async () => {
    const scenario = SCENARIOS[name]
    assert.ok(scenario)
    const baseline = await findBaseline(fixture, scenario, { rounds: 1 })
    assert.deepEqual([baseline.broken, baseline.late], [[], []])
    baselines[name] = baseline
  })
}

// Its deadlines want a machine of its own: on one that does other things too they were missed once.
const NOT_ASKED = process.env['TLSAUTO_FAULTS'] === undefined && 'with TLSAUTO_FAULTS=1'

test('killed at any write, each ends as if nothing had been', { skip: NOT_ASKED }, async (t) => {
  const sets = ['kills', 'lost'] as const
  const all = sets.flatMap((set) =>
    Object.entries(baselines).flatMap(([scenario, baseline]) =>
      plansOf(set, { scenario, baseline }),
    ),
  )
  // Every seventh, and from the beginning again: whatever the time allows is of all scenarios.
  const plans = Array.from(all, (_, at) => at)
    .toSorted((a, b) => (a % 7) - (b % 7) || a - b)
    .flatMap((at) => all[at] ?? [])
  const results: Result[] = []
  const end = Date.now() + BUDGET_MS
  await runPlans(fixture, {
    plans,
    baselines,
    goesOn: () => Date.now() < end,
    onResult: async (result) => {
      results.push(result)
    },
  })
  t.diagnostic(`${results.length} of ${plans.length} plans`)
  assert.ok(results.length > 10, `only ${results.length} plans ran`)
  assert.deepEqual(
    results.flatMap((result) => problemsOf(result, baselines).map((one) => [result.plan, one])),
    [],
  )
})

test('nothing is written but what is ours', async () => {
  assert.deepEqual(await strayWrites(fixture.stack), [])
})

test('a plan is its name, and a seed is always the same plan', () => {
  const name = 'create/write-3-kill-after+list-1-old'
  assert.equal(planName(parsePlan(name)), name)
  assert.throws(() => parsePlan('create/write-3-explode'), /no fault/)
  assert.deepEqual(randomPlan(7, baselines), randomPlan(7, baselines))
})
