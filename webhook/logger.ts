import { pino, type Logger } from 'pino'

export type { Logger } from 'pino'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** Lines are gathered and written behind the answers' backs, at the latest after this time (ms). */
const FLUSH_MS = 100
/** That many bytes wait for a reader of standard output that hangs; what is beyond is lost. */
const MOST_WAITING = 2 ** 20

/** A logger of JSON lines on standard output; an `error` member is written with its causes. What waits
 * is written at the process' end too. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      errorKey: 'error',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({
      sync: false,
      minLength: 8192,
      periodicFlush: FLUSH_MS,
      maxLength: MOST_WAITING,
    }),
  )
}
