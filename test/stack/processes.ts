import { spawn, type ChildProcess } from 'node:child_process'
import { open } from 'node:fs/promises'
import { once } from 'node:events'
import { basename } from 'node:path'
import { tailOf } from './log-tail.ts'

/** The processes of one run: started detached, ended by pid, and gone too when this process is. */
export type Processes = {
  start(program: string, options: StartOptions): Promise<Started>
  /** Every process there has been, the guard included. */
  pids(): readonly number[]
  /** Ends all of them, the last started first. */
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
  /** Throws when the process has ended, with its last words. */
  assertRunning(): Promise<void>
  /** SIGTERM, and SIGKILL when that takes more than three seconds. */
  stop(): Promise<void>
  kill(signal: NodeJS.Signals): void
}

const PATIENCE_MS = 3000

/** An empty set. A guard, a process of its own, kills them when this one dies without a word. */
export function createProcesses(): Processes {
  const guard = startGuard()
  const all: Started[] = []
  return {
    start: async (program, options) => {
      const started = await startOne(program, options)
      guard.stdin?.write(`${started.pid}\n`)
      all.push(started)
      return started
    },
    pids: () => [guard.pid ?? 0, ...all.map((one) => one.pid)],
    stopAll: async () => {
      for (const one of all.toReversed()) await one.stop()
      guard.kill('SIGKILL')
    },
  }
}

/** Reads pids, and kills them when its input ends: that is when we are gone. */
function startGuard(): ChildProcess {
  const script = 'pids=; while read -r pid; do pids="$pids $pid"; done; kill -9 $pids'
  const stdio: ['pipe', 'ignore', 'ignore'] = ['pipe', 'ignore', 'ignore']
  const guard = spawn('/bin/sh', ['-c', script], { detached: true, stdio })
  guard.unref()
  return guard
}

async function startOne(program: string, options: StartOptions): Promise<Started> {
  const name = options.name ?? basename(program)
  const file = await open(options.log, 'a')
  const child = spawn(program, options.args, {
    detached: true,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', file.fd, file.fd],
  })
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => {
      throw new Error(`${name} did not start: ${String(error)}`)
    }),
  ])
  await file.close()
  const pid = child.pid ?? 0
  const exit = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 0))
  })
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    pid,
    log: options.log,
    exit,
    assertRunning: async () => {
      if (!ended()) return
      const how = child.signalCode ?? `exit code ${String(child.exitCode)}`
      throw new Error(`${name} ended (${how}):\n${await tailOf(options.log)}`)
    },
    stop: async () => {
      if (ended()) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
      await exit
      clearTimeout(timer)
    },
    kill: (signal) => {
      child.kill(signal)
    },
  }
}
