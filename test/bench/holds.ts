import { setImmediate as nextTurn } from 'node:timers/promises'

/** A watch over the event loop of this thread. */
export type LoopWatch = {
  /** Milliseconds of work in the turn that took most, of those since the last question. */
  longest(): number
  /** Settles when no turn had work for a while, and `calls` has counted none. */
  rest(calls: () => number): Promise<void>
  stop(): Promise<void>
}

/** A turn with less work than this, in milliseconds, is at rest. */
const RESTING_MS = 3
/** Events are written when nothing else was done for 200 ms. */
const REST_MS = 600

/** Looks at each turn of the event loop. The thread's own time counts: on a busy machine a turn takes longer without
 * anybody's fault. */
export function watchLoop(): LoopWatch {
  const ending = new AbortController()
  let longest = 0
  let workedAt = performance.now()
  const watch = async (): Promise<void> => {
    let before = threadTime()
    while (!ending.signal.aborted) {
      await nextTurn()
      const now = threadTime()
      const took = now - before
      before = now
      if (took > RESTING_MS) workedAt = performance.now()
      longest = Math.max(longest, took)
    }
  }
  const done = watch()
  return {
    longest: () => {
      const before = longest
      longest = 0
      return before
    },
    rest: async (calls) => {
      workedAt = performance.now()
      let before = calls()
      while (performance.now() - workedAt < REST_MS) {
        await nextTurn()
        if (calls() === before) continue
        before = calls()
        workedAt = performance.now()
      }
    },
    stop: async () => {
      ending.abort()
      return done
    },
  }
}

/** Milliseconds that this thread has worked. Linux brings the count up to date only for who asks for the whole
 * process; else it is as of the last tick of its clock, up to 4 ms ago. */
function threadTime(): number {
  process.cpuUsage()
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
