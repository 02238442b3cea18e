import { setTimeout as delay } from 'node:timers/promises'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { routeEvents } from '../stack/route-events.ts'
import type { Scenario } from './scenarios.ts'
import type { Fixture } from './fixture.ts'
import { brokenInvariants } from './invariants.ts'

/** What is seen of a walk once it has been still for a while. */
export type LookBack = {
  /** How often each object was created, updated, deleted by tlsauto, and changed by it. */
  readonly writes: Readonly<Record<string, number>>
  /** Writes that changed nothing. */
  readonly vain: readonly string[]
  /** Writes in the two seconds after all was well. */
  readonly late: readonly string[]
  readonly broken: readonly string[]
  /** Events by their texts. */
  readonly events: Readonly<Record<string, number>>
}

/** A server that was killed has been noticed to be gone. */
const NOTICED_MS = 100
/** So long nothing is written when all is well. */
const QUIET_MS = 2000

/** Waits until the server is up and two seconds have passed, looks at what happened in a namespace, and takes it
 * away. `from` and `to` number the proxy's writes: of the disturbed step, and after all was well. */
export async function lookBack(
  fixture: Fixture,
  way: {
    readonly namespace: string
    readonly scenario: Scenario
    readonly from: number
    readonly to: number
  },
): Promise<LookBack> {
  const { stack, history, proxy } = fixture
  const { namespace, scenario, from, to } = way
  await delay(NOTICED_MS)
  await fixture.up()
  await delay(QUIET_MS)
  const plain = (text: string): string => text.replaceAll(namespace, 'NAMESPACE')
  const writesSince = async (number: number, changed: boolean): Promise<readonly string[]> => {
    const { writes } = await proxy.look(number)
    return writes
      .filter((one) => one.namespace === namespace && one.changed === changed)
      .map(({ what }) => plain(what))
  }
  const events = await routeEvents(stack, namespace)
  const seen: LookBack = {
    writes: countsOf(await writesSince(from, true)),
    vain: await writesSince(from, false),
    late: await writesSince(to, true),
    broken: brokenInvariants(history.of(namespace), scenario.breaks ?? []).map(plain),
    events: countsOf(events.map((text) => plain(text).replaceAll(TIME, 'TIME'))),
  }
  history.forget(namespace)
  await stack.client.delete({ resource: RESOURCES.namespaces, name: namespace })
  return seen
}

const TIME = /\d{4}-\d\d-\d\dT[\d:]+Z/g

function countsOf(texts: readonly string[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(texts, (text) => text)
  return Object.fromEntries(Array.from(groups, ([text, all]) => [text, all.length]))
}
