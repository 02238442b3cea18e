import { MONOTONIC_CLOCK, type Clock, type Timer } from './clock.ts'
import { createFairQueue } from './fair-queue.ts'
import { createSlices, type Slices } from './slices.ts'

/** A queue of keys for workers: a key that waits is there once, however often it is added; one that
 * is being worked on is never given to a second worker, and comes again if it was added meanwhile. */
export type Workqueue = {
  add(key: string): void
  /** Adds the key after that many milliseconds. */
  addAfter(key: string, milliseconds: number): void
  /** How many keys wait. */
  size(): number
  /** Milliseconds since the last work ended; 0 while there is some. */
  idleFor(): number
  /** Ends the timers and, once the work at hand is done, the workers. */
  stop(): void
}

/** Thrown by work that is not to be done yet, and is no failure. */
export class Deferred extends Error {
  readonly milliseconds: number

  constructor(milliseconds: number) {
    super(`to be done in ${Math.ceil(milliseconds / 1000)} s`)
    this.milliseconds = milliseconds
  }
}

const SHORTEST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 300_000

export type WorkqueueInput = {
  readonly workers: number
  /** Groups of keys take turns. */
  readonly groupOf: (key: string) => string
  /** Work that finds nothing to do waits for nothing, and ten thousand such keys would keep reviews waiting. */
  readonly slices?: Slices
  readonly clock?: Clock
  readonly work: (key: string) => Promise<void>
  /** Called when the work on a key failed; it is tried again after a growing while. */
  readonly onFailure: (key: string, error: unknown, retryInMs: number) => void
}

/** Starts a queue whose workers call `work`, one key at a time each. A key that fails is retried with
 * its own exponential backoff, for ever. */
export function startWorkqueue(input: WorkqueueInput): Workqueue {
  const { clock = MONOTONIC_CLOCK, slices = createSlices(clock) } = input
  const waiting = createFairQueue(input.groupOf)
  const working = new Set<string>()
  const again = new Set<string>()
  const failures = new Map<string, number>()
  const timers = new Map<string, Timer>()
  let stopped = false
  let endedAt = 0

  const add = (key: string): void => {
    if (stopped) return
    if (working.has(key)) again.add(key)
    else waiting.add(key)
    // Not before who adds it has finished: it may add more, and change what the work will see.
    queueMicrotask(next)
  }

  const addAfter = (key: string, milliseconds: number): void => {
    if (stopped) return
    timers.get(key)?.cancel()
    const due = (): void => {
      timers.delete(key)
      add(key)
    }
    timers.set(key, clock.after(milliseconds, due))
  }

  const next = (): void => {
    for (;;) {
      if (stopped || working.size >= input.workers) return
      const key = waiting.take()
      if (key === undefined) return
      working.add(key)
      void work(key)
    }
  }

  const work = async (key: string): Promise<void> => {
    try {
      await input.work(key)
      failures.delete(key)
    } catch (error) {
      if (error instanceof Deferred) addAfter(key, error.milliseconds)
      else retry(key, error)
    }
    const rest = slices.rest()
    if (rest !== undefined) await rest
    working.delete(key)
    endedAt = clock.now()
    if (again.delete(key)) waiting.add(key)
    next()
  }

  const retry = (key: string, error: unknown): void => {
    const count = (failures.get(key) ?? 0) + 1
    failures.set(key, count)
    const retryInMs = Math.min(LONGEST_BACKOFF_MS, SHORTEST_BACKOFF_MS * 2 ** (count - 1))
    input.onFailure(key, error, retryInMs)
    addAfter(key, retryInMs)
  }

  const stop = (): void => {
    stopped = true
    for (const timer of timers.values()) timer.cancel()
  }

  const idleFor = (): number => (working.size + waiting.size() > 0 ? 0 : clock.now() - endedAt)

  return { add, addAfter, size: waiting.size, idleFor, stop }
}
