import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { quantile } from '../load/quantile.ts'
import { makeNamespace } from '../stack/objects.ts'
import { routeManifest } from '../stack/route-manifest.ts'
import { until } from '../stack/until.ts'
import { parseFault } from './fault.ts'
import { bundleServer } from './program.ts'
import { startFixture, type Fixture } from './fixture.ts'

// `TLSAUTO_WATCH_ROUNDS=100 node --test test/faults/watch-rounds.test.ts` for more. Each round is a new
// route whose event meets the fault: its Certificate must come all the same, and soon.
const MANY = process.env['TLSAUTO_WATCH_ROUNDS']
/** More than one: what was of one round must not be a burden to the next. */
const ROUNDS = Number(MANY ?? 5)
const SILENT_ROUNDS = Number(MANY ?? 1)
/** Of a silent watch at the default stall timeout, which takes half a minute each. */
const PATIENT_ROUNDS = MANY === undefined ? 0 : 5

const SOON_MS = 5000
const STALL_MS = 2000
const DEFAULT_STALL_MS = 35_000

const FAULTS = [
  'event-1-cut',
  'event-1-lose',
  'event-1-repeat',
  'event-1-stale',
  'event-1-swap',
  'event-1-gone',
  'event-1-error',
  // A watch that breaks, and is refused when it comes back.
  'event-1-cut+watch-1-answer-410',
  'event-1-cut+watch-1-reset',
  'event-1-cut+watch-1-answer-429',
  'event-1-cut+watch-1-answer-503',
]

let folder: string
let program: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tlsauto-watch-'))
  program = join(folder, 'server.mjs')
  await bundleServer(program)
})

after(async () => {
  await rm(folder, { recursive: true })
})

suite(
  `${ROUNDS} rounds of each fault of a watch: no event is lost, and the way back is short`,
  () => {
    let fixture: Fixture

    before(async () => {
      fixture = await startQuiet([])
    })

    after(async () => {
      await fixture.stop()
    })

    for (const fault of FAULTS) {
      test(fault, async (t) => {
        t.diagnostic(await rounds(fixture, { fault, count: ROUNDS, within: SOON_MS }))
      })
    }
  },
)

suite('a watch that says nothing any more', () => {
  test('is given up after the stall timeout', async (t) => {
    const fixture = await startQuiet([`--stall-timeout=${STALL_MS / 1000}s`])
    t.after(async () => fixture.stop())
    const within = SOON_MS + STALL_MS
    t.diagnostic(await rounds(fixture, { fault: 'event-1-mute', count: SILENT_ROUNDS, within }))
  })

  const skip = PATIENT_ROUNDS === 0 && 'with TLSAUTO_WATCH_ROUNDS'
  test('also with the default one', { skip }, async (t) => {
    const fixture = await startQuiet([])
    t.after(async () => fixture.stop())
    const input = { fault: 'event-1-mute', count: PATIENT_ROUNDS, within: DEFAULT_STALL_MS }
    t.diagnostic(await rounds(fixture, input))
  })
})

/** A fixture on which tlsauto alone writes. */
async function startQuiet(flags: readonly string[]): Promise<Fixture> {
  const fixture = await startFixture(program, { flags })
  await fixture.stack.certManager.stop()
  return fixture
}

/** Gives how long the Certificates took. Throws when one took longer than `within` milliseconds. */
async function rounds(
  fixture: Fixture,
  input: { readonly fault: string; readonly count: number; readonly within: number },
): Promise<string> {
  const { fault, count, within } = input
  const prefix = fault.replaceAll('+', '-')
  const names = Array.from({ length: count }, (_, round) => `${prefix}-${round}`)
  // Not among the events that are counted.
  for (const name of names) await makeNamespace(fixture.stack, name)
  await arrives(fixture, await makeNamespace(fixture.stack, `${prefix}-known`), SOON_MS)
  const times: number[] = []
  for (const namespace of names) {
    await fixture.proxy.arm(namespace, fault.split('+').map(parseFault))
    times.push(await arrives(fixture, namespace, within))
    assert.equal((await fixture.proxy.look()).pending, 0, `${fault} did not strike`)
  }
  times.sort((a, b) => a - b)
  const [middle, longest] = [0.5, 1].map((part) => quantile(times, part).toFixed(0))
  return `${count} rounds, p50 ${middle} ms, at most ${longest} ms`
}

/** Creates a route and waits for its Certificate; milliseconds. */
async function arrives(fixture: Fixture, namespace: string, within: number): Promise<number> {
  const rules = [`Host(\`${namespace}.org\`)`]
  const spec = { entryPoints: ['websecure'] }
  const started = Date.now()
  const route = routeManifest({ namespace, name: 'r', rules, spec })
  await fixture.client.create(RESOURCES.ingressRoutes, route)
  await until(
    `the Certificate in ${namespace}`,
    async () => fixture.history.current(namespace).find(({ kind }) => kind === 'Certificate'),
    within,
  )
  return Date.now() - started
}
