import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { makeNamespace } from '../stack/objects.ts'
import { routeEvents } from '../stack/route-events.ts'
import { until } from '../stack/until.ts'
import { endStateOf, type EndState } from './end-state.ts'
import type { Fault } from './fault.ts'
import type { Journey } from './journeys.ts'
import type { Rig } from './rig.ts'
import { brokenVows } from './vows.ts'

/** Where a walk shall come to. */
export type Goal = { readonly start: EndState; readonly end: EndState }

/** What was seen of one walk of a journey. */
export type Walk = {
  readonly start: EndState
  readonly end: EndState
  /** Whether every fault has struck. */
  readonly struck: boolean
  /** Milliseconds from the user's step to the end state. */
  readonly took: number
  /** How often each object was created, updated, deleted by tlsauto, and changed by it. */
  readonly writes: Readonly<Record<string, number>>
  /** Writes that changed nothing. */
  readonly vain: readonly string[]
  /** Writes in the two seconds after all was well. */
  readonly late: readonly string[]
  readonly broken: readonly string[]
  /** Events by their texts. */
  readonly events: Readonly<Record<string, number>>
  /** What passed the proxy. */
  readonly passed: { readonly write: number; readonly event: number }
}

/** Without a goal to compare with, all is well when nothing has changed for so long. */
const SETTLED_MS = 1500
/** So long nothing is written when all is well. */
const QUIET_MS = 2000
const DEADLINE_MS = 40_000

let walks = 0

/** Walks a journey in a namespace of its own, with faults in its last step. Settles when the end is
 * reached, with the promise of what is seen after that: the next walk can begin meanwhile. Without a
 * goal it finds out where the journey leads. Throws when the goal is not reached. */
export async function walk(
  rig: Rig,
  journey: Journey,
  { faults, goal }: { readonly faults: readonly Fault[]; readonly goal: Goal | undefined },
): Promise<{ readonly reached: Goal; readonly seen: Promise<Walk> }> {
  const { stack, journal, proxy, user } = rig
  await rig.up()
  walks += 1
  const namespace = await makeNamespace(stack, `f${String(walks).padStart(5, '0')}`)
  const at = { user, namespace, away: rig.away, ruled: rig.ruled }
  const stateNow = (): EndState =>
    endStateOf(namespace, {
      objects: journal.current(namespace),
      history: journal.history(namespace),
    })

  const arrive = async (where: string, expected: EndState | undefined): Promise<EndState> => {
    const began = Date.now()
    const isQuiet = (): boolean => {
      const idle = Date.now() - Math.max(began, journal.lastChange(namespace))
      return idle > SETTLED_MS
    }
    const look = async (): Promise<EndState | undefined> => {
      const state = stateNow()
      if (expected === undefined) return isQuiet() ? state : undefined
      if (!isDeepStrictEqual(state, expected)) return undefined
      // What leads back to where it began has perhaps not begun yet.
      if (isDeepStrictEqual(expected, start)) return isQuiet() ? state : undefined
      const { pending } = await proxy.look()
      return pending === 0 || isQuiet() ? state : undefined
    }
    return until(where, look, DEADLINE_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${difference(expected ?? {}, stateNow())}`)
    })
  }

  let start: EndState | undefined
  await proxy.arm(namespace, [])
  for (const step of journey.before) await step(at)
  start = await arrive('the start', goal?.start)
  const armed = await proxy.arm(namespace, faults)
  const began = Date.now()
  await journey.step(at)
  const end = await arrive('the end', goal?.end)
  const took = Date.now() - began
  await rig.up()
  const { pending, passed, total } = await proxy.look(armed.total)

  const after = async (): Promise<Walk> => {
    await delay(QUIET_MS)
    const here = ({ namespace: of }: { readonly namespace: string }): boolean => of === namespace
    const plain = (text: string): string => text.replaceAll(namespace, 'NAMESPACE')
    const { writes } = await proxy.look(armed.total)
    const late = (await proxy.look(total)).writes
    const events = await routeEvents(stack, namespace)
    const seen: Walk = {
      start,
      end,
      took,
      passed,
      struck: pending === 0,
      writes: countsOf(
        writes
          .filter(here)
          .filter(({ changed }) => changed)
          .map((one) => plain(one.what)),
      ),
      vain: writes
        .filter(here)
        .filter(({ changed }) => !changed)
        .map((one) => plain(one.what)),
      late: late
        .filter(here)
        .filter(({ changed }) => changed)
        .map((one) => plain(one.what)),
      broken: brokenVows(journal.history(namespace), journey.breaks ?? []).map(plain),
      events: countsOf(
        events.map((text) => plain(text).replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')),
      ),
    }
    journal.forget(namespace)
    await stack.client.delete({ resource: RESOURCES.namespaces, name: namespace })
    return seen
  }
  return { reached: { start, end }, seen: after() }
}

function countsOf(texts: readonly string[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(texts, (text) => text)
  return Object.fromEntries(Array.from(groups, ([text, all]) => [text, all.length]))
}

/** The objects that differ, as they should be and as they are. */
export function difference(expected: EndState, actual: EndState): string {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
  return [...names]
    .filter((name) => !isDeepStrictEqual(expected[name], actual[name]))
    .map((name) => {
      return `\n  ${name}\n    want ${JSON.stringify(expected[name])}\n    have ${JSON.stringify(actual[name])}`
    })
    .join('')
}
