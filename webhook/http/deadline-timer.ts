/** Gives the function that has `ring` called at a time (by `performance.now()`), or before: `ring` is told
 * what time it was, and gives the next time to call it, or Infinity. One timer for all who wait, since
 * a timer for each review would cost more than its answer's headers. */
export function createDeadlineTimer(ring: (now: number) => number): (time: number) => void {
  let timer: NodeJS.Timeout | undefined
  let wakes = Infinity
  const wakeAt = (time: number): void => {
    if (time >= wakes) return
    clearTimeout(timer)
    wakes = time
    timer = setTimeout(awake, time - performance.now()).unref()
  }
  // Where we are late ourselves, what the network has is read before anything is given up.
  const awake = (): void => {
    const now = performance.now()
    setImmediate(() => {
      wakes = Infinity
      wakeAt(ring(now))
    })
  }
  return wakeAt
}
