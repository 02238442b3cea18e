import { setTimeout as delay } from 'node:timers/promises'

/** Wakes one that waits. */
export type Bell = {
  ring(): void
  /** Settles at the next ring, after so many milliseconds, or when the signal is aborted; at once
   * when it has been rung since the last wait. Rings in between count as one. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  let waiting = new AbortController()
  return {
    ring: () => waiting.abort(),
    wait: async (milliseconds, signal) => {
      const woken = AbortSignal.any([signal, waiting.signal])
      await delay(milliseconds, undefined, { signal: woken }).catch(() => undefined)
      waiting = new AbortController()
    },
  }
}
