import { setTimeout as delay } from 'node:timers/promises'

const INTERVAL_MS = 50

/** Waits until `look` gives something, and gives it back. Throws when the deadline (in milliseconds)
 * passes: `what` says what was waited for, with the last error there was. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  deadline = 30_000,
): Promise<T> {
  const end = Date.now() + deadline
  // Also for a look that never comes back.
  const late = delay(deadline, undefined, { ref: false })
  let last: unknown
  while (Date.now() < end) {
    try {
      const found = await Promise.race([look(), late])
      if (found !== undefined) return found
      last = undefined
    } catch (error) {
      last = error
    }
    await delay(INTERVAL_MS)
  }
  const why = last instanceof Error ? `: ${last.message}` : ''
  throw new Error(`waited ${deadline / 1000} s for ${what}${why}`, { cause: last })
}
