import { UsageError } from './usage-error.ts'

const UNITS: ReadonlyMap<string | undefined, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** What a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1

/** Milliseconds of a duration as kubectl takes it: 10s, 1m30s, 1h, or seconds without a unit. Throws a
 * UsageError that names the flag. */
export function milliseconds(text: string | undefined, flag: string): number {
  const complete = /^\d+$/.test(text ?? '') ? `${text}s` : (text ?? '')
  const parts = [...complete.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/gy)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== complete) {
    throw new UsageError(`--${flag} ${text} is not a duration such as 30s`)
  }
  const sum = parts.reduce((total, [, amount, unit]) => {
    return total + Number(amount) * (UNITS.get(unit) ?? 0)
  }, 0)
  return Math.min(sum, LONGEST_MS)
}
