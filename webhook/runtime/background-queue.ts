import { WALL_CLOCK, type Clock, type Timer } from './clock.ts'

/** Work that nobody waits for, done when there is nothing better to do. */
export type BackgroundQueue = {
  add(work: () => Promise<void>): void
  /** Does what waits, and settles when all of it is done, or after so many milliseconds; gives how much is
   * left then. */
  drain(milliseconds: number): Promise<number>
}

const AT_ONCE = 4
const LOOK_AGAIN_MS = 100
const LONGEST_WAIT_MS = 60_000

/** An empty outbox: the oldest goes first, once `isBusy` says no, or has said yes for a minute. */
export function createBackgroundQueue({
  isBusy,
  clock = WALL_CLOCK,
}: {
  readonly isBusy: () => boolean
  readonly clock?: Clock
}): BackgroundQueue {
  const waiting: { readonly since: number; readonly work: () => Promise<void> }[] = []
  let working = 0
  let timer: Timer | undefined
  let draining: (() => void) | undefined

  const next = (): void => {
    for (;;) {
      const [first] = waiting
      if (first === undefined && working === 0) draining?.()
      if (first === undefined || working >= AT_ONCE) return
      if (draining === undefined && isBusy() && clock.now() - first.since < LONGEST_WAIT_MS) {
        lookAgain()
        return
      }
      waiting.shift()
      working += 1
      void first.work().finally(() => {
        working -= 1
        next()
      })
    }
  }
  const lookAgain = (): void => {
    if (timer !== undefined) return
    timer = clock.after(LOOK_AGAIN_MS, () => {
      timer = undefined
      next()
    })
    timer.unref()
  }

  return {
    add: (work) => {
      waiting.push({ since: clock.now(), work })
      next()
    },
    drain: async (milliseconds) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      draining = resolve
      const late = clock.after(milliseconds, resolve)
      next()
      await promise
      late.cancel()
      return waiting.length + working
    },
  }
}
