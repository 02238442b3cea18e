import { pino, type Logger } from 'pino'

export type { Logger } from 'pino'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** A logger of JSON lines on standard output; an `error` member is written with its causes. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    errorKey: 'error',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
  })
}
