import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isJsonObject } from '../../shared/json/json.ts'
import type { Measure } from './measure.ts'

/** What no work may hold the event loop for, whatever is stored. */
const GOAL_MS = 20

const RUN = join(import.meta.dirname, 'run-event-loop.ts')

/** The longest turn of the event loop in all that tenants can have the controller do, over the real reflectors, index,
 * handlers, queue and reconcile, in time of its thread: in a process that has just started, and in a warm one. */
export async function benchEventLoop(): Promise<readonly Measure[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [RUN])
  const rounds: unknown = JSON.parse(stdout)
  const [cold, warm] = Array.isArray(rounds) ? rounds.filter(isJsonObject) : []
  if (cold === undefined || warm === undefined) throw new Error(`${RUN} printed no two rounds`)
  return Object.entries(warm).flatMap(([name, value]) => [
    measure(name, Number(value), GOAL_MS),
    measure(`${name}, just started`, Number(cold[name]), null),
  ])
}

function measure(name: string, value: number, goal: number | null): Measure {
  return { name, value, unit: 'ms', baseline: null, goal, holds: goal === null || value <= goal }
}
