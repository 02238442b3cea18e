import { setTimeout as delay } from 'node:timers/promises'
import { residentMiB } from '../load/resident.ts'
import { makeNamespace } from '../stack/objects.ts'
import type { Stack } from '../stack/stack.ts'
import type { Tlsauto } from '../stack/tlsauto.ts'
import { until } from '../stack/until.ts'
import { countObjects } from './count-objects.ts'
import { createRoutes } from './create-routes.ts'
import type { Measure } from './measure.ts'

const ROUTES = 10_000
const AT_ONCE = 16
const GOAL_MIB = 200
const LONGEST_MS = 600_000
const SETTLED_MS = 10_000

/** Memory of the whole server with many routes and their Certificates: after it has made them all, and
 * of one that starts with them. */
export async function benchMemory(input: {
  readonly stack: Stack
  readonly tlsauto: Tlsauto
}): Promise<readonly Measure[]> {
  const { stack, tlsauto } = input
  const namespace = await makeNamespace(stack, 'memory')
  const spec = { entryPoints: ['websecure'] }
  const batch = {
    prefix: 'customer',
    count: ROUTES,
    namespaces: [namespace],
    clients: AT_ONCE,
    spec,
  }
  await createRoutes(stack, batch)
  const path = `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates`
  await until(
    'all Certificates',
    async () => (await countObjects(stack, path)) === ROUTES || undefined,
    LONGEST_MS,
  )
  const grown = await settled(tlsauto)
  await tlsauto.stop()
  await tlsauto.start()
  const started = await settled(tlsauto)
  return [
    measure(`memory with ${ROUTES} routes, having made their Certificates`, grown),
    measure(`memory with ${ROUTES} routes, started again`, started),
  ]
}

function measure(name: string, value: number): Measure {
  return { name, value, unit: 'MiB', baseline: null, goal: GOAL_MIB, holds: value < GOAL_MIB }
}

/** Once it has been the same for a while, give or take a hundredth. */
async function settled(tlsauto: Tlsauto): Promise<number> {
  let last = 0
  let now = await residentMiB(tlsauto.pid())
  while (Math.abs(now - last) > now / 100) {
    await delay(SETTLED_MS)
    last = now
    now = await residentMiB(tlsauto.pid())
  }
  return now
}
