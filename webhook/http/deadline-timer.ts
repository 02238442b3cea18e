import { MONOTONIC_CLOCK, type Clock, type Timer } from '../runtime/clock.ts'

/** Gives the function that has `ring` called at a time of the clock, or before: `ring` is told what time
 * it was, and gives the next time to call it, or Infinity. One timer for all who wait, since
 * a timer for each review would cost more than its answer's headers. */
export function createDeadlineTimer(
  ring: (now: number) => number,
  clock: Clock = MONOTONIC_CLOCK,
): (time: number) => void {
  let timer: Timer | undefined
  let wakes = Infinity
  const wakeAt = (time: number): void => {
    if (time >= wakes) return
    timer?.cancel()
    wakes = time
    timer = clock.after(time - clock.now(), awake)
    timer.unref()
  }
  // Where we are late ourselves, what the network has is read before anything is given up.
  const awake = (): void => {
    const now = clock.now()
    setImmediate(() => {
      wakes = Infinity
      wakeAt(ring(now))
    })
  }
  return wakeAt
}
