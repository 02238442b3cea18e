import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../runtime/logger.ts'
import type { ClusterIndex } from './index/cluster-index.ts'

const HOUR_MS = 3_600_000

export type BackfillInput = {
  readonly index: Pick<ClusterIndex, 'takeOnOldest'>
  /** How many routes an hour. */
  readonly rate: number
  /** Adds a route's keys to the work. */
  readonly add: (key: string) => void
  /** Whether this process is the one that acts now. */
  readonly active: () => boolean
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Takes on the routes that are older than tlsauto, the oldest first, no more than so many an hour: each
 * may be a new order of the ACME server's, which counts them. Ends with the signal. */
export async function runBackfill(input: BackfillInput): Promise<void> {
  const { index, rate, add, active, logger, signal } = input
  while (!signal.aborted) {
    await delay(HOUR_MS / rate, undefined, { signal }).catch(() => undefined)
    const key = active() && !signal.aborted ? index.takeOnOldest() : undefined
    if (key === undefined) continue
    logger.info({ route: key }, 'a route from before tlsauto is taken on')
    add(key)
  }
}
