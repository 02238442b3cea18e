import { isDeepStrictEqual } from 'node:util'
import { makeNamespace } from '../stack/objects.ts'
import { until } from '../stack/until.ts'
import { difference, endStateOf, type EndState } from './end-state.ts'
import { blinds, lingers, type Fault } from './fault.ts'
import type { Scenario } from './scenarios.ts'
import { lookBack, type LookBack } from './look-back.ts'
import type { Fixture } from './fixture.ts'

/** Where a walk shall come to. */
export type Goal = { readonly start: EndState; readonly end: EndState }

/** What was seen of one walk of a scenario. */
export type Walk = Goal &
  LookBack & {
    /** Whether every fault has struck. */
    readonly struck: boolean
    /** Milliseconds from the user's step to the end state. */
    readonly took: number
    /** What passed the proxy. */
    readonly passed: { readonly write: number; readonly event: number }
  }

/** Without a goal to compare with, all is well when nothing has changed for so long. */
const SETTLED_MS = 1500
const DEADLINE_MS = 40_000

let walks = 0

/** Walks a scenario in a namespace of its own, with faults in its last step. Settles when the end is
 * reached, with the promise of what is seen after that: the next walk can begin meanwhile. Without a
 * goal it finds out where the scenario leads. Throws when the goal is not reached. */
export async function walk(
  fixture: Fixture,
  scenario: Scenario,
  { faults, goal }: { readonly faults: readonly Fault[]; readonly goal: Goal | undefined },
): Promise<{ readonly reached: Goal; readonly seen: Promise<Walk> }> {
  const { stack, history, proxy, client } = fixture
  await fixture.up()
  walks += 1
  const namespace = await makeNamespace(stack, `f${String(walks).padStart(5, '0')}`)
  const at = { client, namespace, away: fixture.away, ruled: fixture.ruled }
  const stateNow = (): EndState =>
    endStateOf(namespace, {
      objects: history.current(namespace),
      history: history.of(namespace),
    })

  const arrive = async (
    where: string,
    expected: EndState | undefined,
    onTheWay: readonly Fault[],
  ): Promise<EndState> => {
    const began = Date.now()
    const isQuiet = (): boolean => {
      const idle = Date.now() - Math.max(began, history.lastChange(namespace))
      return idle > SETTLED_MS
    }
    const look = async (): Promise<EndState | undefined> => {
      const state = stateNow()
      if (expected === undefined) return isQuiet() ? state : undefined
      if (!isDeepStrictEqual(state, expected)) return undefined
      // What leads back to where it began has perhaps not begun yet; who is blinded may still err; and
      // what comes late may have to be undone.
      const isUnsure = onTheWay.some((fault) => blinds(fault) || lingers(fault))
      if (isUnsure || isDeepStrictEqual(expected, start)) return isQuiet() ? state : undefined
      const { pending, underWay } = await proxy.look()
      return pending + underWay === 0 || isQuiet() ? state : undefined
    }
    return until(where, look, DEADLINE_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${difference(expected ?? {}, stateNow())}`)
    })
  }

  let start: EndState | undefined
  await proxy.arm(namespace, [])
  for (const step of scenario.before) await step(at)
  start = await arrive('the start', goal?.start, [])
  const armed = await proxy.arm(namespace, faults)
  const began = Date.now()
  await scenario.step(at)
  const end = await arrive('the end', goal?.end, faults)
  const took = Math.max(0, history.lastChange(namespace) - began)
  await fixture.up()
  const { pending, passed, total } = await proxy.look(armed.total)
  const way = { namespace, scenario, from: armed.total, to: total }
  const seen = lookBack(fixture, way).then((later) => {
    return { ...later, start, end, took, passed, struck: pending === 0 }
  })
  return { reached: { start, end }, seen }
}
