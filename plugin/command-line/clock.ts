import { parseTime } from '../../shared/json/time.ts'
import { UsageError } from './usage-error.ts'

/** The time of day; where a test gives one (TLSAUTO_NOW), it goes on from there as if the program had been
 * started then. Throws a UsageError when that is no RFC 3339 time. */
export function clockFrom(given: string | undefined, realNow: () => number): () => Date {
  if (given === undefined || given === '') return () => new Date(realNow())
  const start = parseTime(given)
  if (start === undefined) {
    throw new UsageError(`TLSAUTO_NOW=${given} is no time such as 2027-01-31T12:00:00Z`)
  }
  const ahead = start - realNow()
  return () => new Date(realNow() + ahead)
}
