import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { startGuard, type Guard } from './guard.ts'
import { tailOf } from './log-tail.ts'
import { until } from './until.ts'

/** The processes of one run: ended by pid, and gone too when this process is. */
export type Processes = {
  start(program: string, options: StartOptions): Promise<Started>
  /** Every process there has been, the guard included. */
  pids(): readonly number[]
  /** Ends all of them, the last started first, and removes the run's folder. */
  stopAll(): Promise<void>
}

export type StartOptions = {
  readonly args: readonly string[]
  readonly log: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly name?: string
}

export type Started = {
  readonly pid: number
  readonly log: string
  /** Settles when it has ended: its exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>
  /** Waits until `look` gives something. Throws with the log's last lines when the process ends
   * before that, or when it takes too long. */
  ready<T>(look: () => Promise<T | undefined>): Promise<T>
  /** SIGTERM, and SIGKILL when that takes more than three seconds. */
  stop(): Promise<void>
  kill(signal: NodeJS.Signals): void
}

const PATIENCE_MS = 3000

/** An empty set. What is in it, and the folder, never outlive this process (see `Guard`). */
export function createProcesses(folder: string): Processes {
  const guard = startGuard({ signal: 'KILL', folder })
  const all: Started[] = []
  let stopping: Promise<void> | undefined
  const stopAll = async (): Promise<void> => {
    for (const one of all.toReversed()) await one.stop()
    await guard.close()
  }
  return {
    start: async (program, options) => {
      if (stopping !== undefined) throw new Error('the stack is being stopped')
      const started = await startOne(program, options, guard)
      all.push(started)
      // Stopped in the meantime, without this one.
      if (stopping !== undefined) await started.stop()
      return started
    },
    pids: () => [guard.pid, ...all.map((one) => one.pid)],
    stopAll: async () => (stopping ??= stopAll()),
  }
}

async function startOne(program: string, options: StartOptions, guard: Guard): Promise<Started> {
  const { args, log, env, name = basename(program) } = options
  const file = await open(log, 'a')
  const child = spawn(program, args, {
    // A process group of its own: Ctrl-C is ours to handle, in the right order.
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', file.fd, file.fd],
  })
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new Error(`${name} did not start`, { cause })
  } finally {
    await file.close()
  }
  const pid = child.pid ?? 0
  guard.watch(pid)
  const exit = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => {
      guard.forget(pid)
      resolve(signal ?? code ?? 0)
    })
  })
  return {
    pid,
    log,
    exit,
    ready: async (look) => readyOf({ name, log, child }, look),
    stop: async () => stop(child, exit),
    kill: (signal) => {
      child.kill(signal)
    },
  }
}

type Program = { readonly name: string; readonly log: string; readonly child: ChildProcess }

async function readyOf<T>(
  { name, log, child }: Program,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const found = await until(`${name} to answer`, async () => {
    if (hasEnded(child)) return { kind: 'ended' } as const
    const value = await look()
    return value === undefined ? undefined : ({ kind: 'ready', value } as const)
  }).catch(async (error: unknown) => {
    const waited = error instanceof Error ? error.message : String(error)
    throw new Error(`${waited}; its log ends:\n${await tailOf(log)}`, { cause: error })
  })
  if (found.kind === 'ready') return found.value
  const how = child.signalCode ?? `exit code ${String(child.exitCode)}`
  throw new Error(`${name} ended (${how}); its log ends:\n${await tailOf(log)}`)
}

async function stop(child: ChildProcess, exit: Promise<unknown>): Promise<void> {
  if (hasEnded(child)) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await exit
  clearTimeout(timer)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
