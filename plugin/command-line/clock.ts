import { UsageError } from './usage-error.ts'

/** A date and time with its zone (RFC 3339 5.6). */
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i

/** The time of day; where a test gives one (TLSAUTO_NOW), it goes on from there as if the program had been
 * started then. Throws a UsageError when that is no RFC 3339 time. */
export function clockFrom(given: string | undefined, realNow: () => number): () => Date {
  if (given === undefined || given === '') return () => new Date(realNow())
  const start = RFC3339.test(given) ? Date.parse(given) : NaN
  if (Number.isNaN(start)) {
    throw new UsageError(`TLSAUTO_NOW=${given} is no time such as 2027-01-31T12:00:00Z`)
  }
  const ahead = start - realNow()
  return () => new Date(realNow() + ahead)
}
