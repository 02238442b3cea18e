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
  now = Date.now,
}: {
  readonly isBusy: () => boolean
  readonly now?: () => number
}): BackgroundQueue {
  const waiting: { readonly since: number; readonly work: () => Promise<void> }[] = []
  let working = 0
  let timer: NodeJS.Timeout | undefined
  let draining: (() => void) | undefined

  const next = (): void => {
    for (;;) {
      const [first] = waiting
      if (first === undefined && working === 0) draining?.()
      if (first === undefined || working >= AT_ONCE) return
      if (draining === undefined && isBusy() && now() - first.since < LONGEST_WAIT_MS) {
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
    timer ??= setTimeout(() => {
      timer = undefined
      next()
    }, LOOK_AGAIN_MS).unref()
  }

  return {
    add: (work) => {
      waiting.push({ since: now(), work })
      next()
    },
    drain: async (milliseconds) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      draining = resolve
      const late = setTimeout(resolve, milliseconds)
      next()
      await promise
      clearTimeout(late)
      return waiting.length + working
    },
  }
}
