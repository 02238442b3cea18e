import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { HonestInput } from '../load/honest.ts'
import type { Load } from '../load/run-honest.ts'

const CLIENT = join(import.meta.dirname, '..', 'load', 'run-honest.ts')

/** Lets a process, with all its threads, run on one core only. */
export async function pinTo(core: number, pid: number): Promise<void> {
  await promisify(execFile)('taskset', ['-a', '-c', '-p', String(core), String(pid)])
}

/** Runs `honestReviews` in a process of its own on one core. Throws when a review was not answered. */
export async function loadFromCore(core: number, input: HonestInput): Promise<Load> {
  const args = ['-c', String(core), process.execPath, CLIENT, JSON.stringify(input)]
  const { stdout } = await promisify(execFile)('taskset', args)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `run-honest.ts`
  const load = JSON.parse(stdout) as Load
  if (load.faults.length > 0) throw new Error(load.faults.join('\n'))
  return load
}
