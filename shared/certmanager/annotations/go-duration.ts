// Each text has one way through these, so that they take linear time.
const DURATION = /^\+?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy

const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
}

/** Go's int64 of nanoseconds ends here. */
const LONGEST_S = 2 ** 63 / 1e9

/** Whole seconds of a positive duration as Go's time.ParseDuration reads it (`2160h`, `1h30m`), or
 * undefined. A certificate's times are whole seconds, so what is below one is left off. */
export function parseGoDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  const parts = Array.from(
    text.replace('+', '').matchAll(PART),
    ([, count = '', unit = '']) => Number(count) * (SECONDS[unit] ?? 0),
  )
  const seconds = Math.floor(parts.reduce((sum, part) => sum + part, 0) + 1e-9)
  return seconds < LONGEST_S ? seconds : undefined
}

/** A duration of whole seconds as Go prints it: `2160h0m0s`, `5m0s`. */
export function goDuration(seconds: number): string {
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = `${seconds % 60}s`
  if (hours > 0) return `${hours}h${minutes}m${rest}`
  return minutes > 0 ? `${minutes}m${rest}` : rest
}
