/** The time and timers, as an argument: so a test decides how late it is. */
export type Clock = {
  /** Milliseconds since some moment. */
  now(): number
  /** Calls back once, after that many milliseconds. */
  after(milliseconds: number, callback: () => void): Timer
}

export type Timer = {
  cancel(): void
  /** Lets the process end before the timer does. */
  unref(): void
}

/** Wall time, which an administrator may set. */
export const WALL_CLOCK: Clock = { now: () => Date.now(), after }

/** Nobody sets it: for how long something takes. */
export const MONOTONIC_CLOCK: Clock = { now: () => performance.now(), after }

function after(milliseconds: number, callback: () => void): Timer {
  const timer = setTimeout(callback, milliseconds)
  return { cancel: () => clearTimeout(timer), unref: () => void timer.unref() }
}

/** Settles after that many milliseconds, or when the signal is aborted. */
export async function sleep(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.after(milliseconds, resolve)
  const end = (): void => resolve()
  signal.addEventListener('abort', end, { once: true })
  await promise
  timer.cancel()
  signal.removeEventListener('abort', end)
}
