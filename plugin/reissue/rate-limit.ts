import { retryAfter } from '../../shared/json/time.ts'

/** Whether an ACME server's rate limit still holds by its own words: until the time that it gave, or for who
 * knows how long. */
export function rateLimitHolds(words: string, now: Date): boolean {
  const until = retryAfter(words)
  return until === undefined || until > now.getTime()
}
