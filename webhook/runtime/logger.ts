import { pino, type DestinationStream, type Logger } from 'pino'

export type { Logger } from 'pino'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** Lines are gathered and written behind the answers' backs, at the latest after this time (ms). */
const FLUSH_MS = 100
/** That many characters are gathered; Docker's logger reads no more at once. */
const GATHERED = 14 * 1024
/** That many bytes wait for a reader of standard output that hangs; what is beyond is lost. */
const MOST_WAITING = 2 ** 20

/** A logger of JSON lines on standard output; an `error` member is written with its causes. `flushSync`
 * writes what waits, and wants to be called at the process' exit. */
export function createLogger(level: string): { logger: Logger; flushSync: () => void } {
  const lines = gather(pino.destination({ sync: false, maxLength: MOST_WAITING }))
  const logger = pino(
    {
      level,
      base: null,
      errorKey: 'error',
      timestamp: createTimestamp(),
      formatters: { level: (label) => ({ level: label }) },
    },
    lines,
  )
  return { logger, flushSync: () => lines.flushSync() }
}

type Output = ReturnType<typeof pino.destination>

type Gathering = DestinationStream & {
  /** Calls back when all that was gathered is written. */
  flush(callback: (error?: Error) => void): void
  flushSync(): void
}

/** Pino's own stream gathers too, but measures all that it has gathered for each line that comes. */
function gather(output: Output): Gathering {
  let lines = ''
  let timer: NodeJS.Timeout | undefined
  const pass = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (lines !== '') output.write(lines)
    lines = ''
  }
  return {
    write: (line) => {
      lines += line
      if (lines.length > GATHERED) pass()
      else timer ??= setTimeout(pass, FLUSH_MS)
    },
    flush: (callback) => {
      pass()
      output.flush(callback)
    },
    flushSync: () => {
      pass()
      output.flushSync()
    },
  }
}

/** RFC 3339, of which all but the milliseconds is the same for many lines. */
function createTimestamp(): () => string {
  let second = -1
  let text = ''
  return () => {
    const now = Date.now()
    const milliseconds = now % 1000
    if (now - milliseconds !== second) {
      second = now - milliseconds
      text = new Date(second).toISOString().slice(0, -'000Z'.length)
    }
    return `,"time":"${text}${String(milliseconds).padStart(3, '0')}Z"`
  }
}
