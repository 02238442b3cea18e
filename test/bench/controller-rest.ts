import { setTimeout as delay } from 'node:timers/promises'
import { writesOf } from '../stack/writes.ts'
import type { ControllerBench } from './controller.ts'
import type { Measure } from './measure.ts'

const REST_MS = 120_000
const SETTLED_MS = 5000

/** What is written, but for the Lease, while nothing happens, and by a restart. */
export async function benchRest(input: ControllerBench): Promise<readonly Measure[]> {
  const { stack, tlsauto, routes } = input
  await settled(input)
  const before = (await writesOf(stack)).length
  await delay(REST_MS)
  const atRest = (await writesOf(stack)).length - before
  await tlsauto.stop()
  await tlsauto.start()
  await settled(input)
  const byRestart = (await writesOf(stack)).length - before - atRest
  return [
    measure(`${routes} routes: writes in two minutes at rest`, atRest),
    measure(`${routes} routes: writes of a restart`, byRestart),
  ]
}

/** Until a while has brought no write. */
async function settled({ stack }: ControllerBench): Promise<void> {
  for (let last = -1, now = 0; now !== last;) {
    last = now
    await delay(SETTLED_MS)
    now = (await writesOf(stack)).length
  }
}

function measure(name: string, value: number): Measure {
  return { name, value, unit: 'writes', baseline: null, goal: 0, holds: value === 0 }
}
