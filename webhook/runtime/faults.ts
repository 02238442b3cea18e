import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** Where an error was stopped: what reads an object, what handles its change, what adds its work, what measures it,
 * what answers a scrape, or nowhere, so that it would have ended the process. */
export type FaultStop = 'parse' | 'handler' | 'queue' | 'measure' | 'scrape' | 'process'

/** Told of an error that costs one object or one task, and nothing else. */
export type OnFault = (stop: FaultStop, about: string, error: unknown) => void

const MOST_REMEMBERED = 1000

/** Counts each fault, and logs what each object or task meets for the first time: a stored object that is read
 * again and again must not fill the log. */
export function createFaults({
  logger,
  metrics,
}: {
  readonly logger: Pick<Logger, 'error'>
  readonly metrics: Pick<Metrics, 'faults'>
}): OnFault {
  const logged = new Set<string>()
  return (stop, about, error) => {
    metrics.faults.inc({ stop })
    const key = `${stop} ${about}`
    if (logged.has(key)) return
    if (logged.size >= MOST_REMEMBERED) logged.clear()
    logged.add(key)
    logger.error({ error, stop, about }, 'an error was stopped: it costs this one alone')
  }
}

/** What the process does with an error that nobody has caught: a bug in a task in the background must neither end
 * in silence nor take admission with it, and one that a stored object brings about would come back after every
 * restart. */
export function survive(onFault: OnFault): (error: unknown) => void {
  return (error) => {
    const what = error instanceof Error ? (error.stack ?? error.message) : 'no error'
    onFault('process', what.slice(0, LONGEST_STACK), error)
  }
}

/** What tells one bug from another. */
const LONGEST_STACK = 300
