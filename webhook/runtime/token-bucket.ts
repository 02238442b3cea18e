/** Tokens that come back one by one, up to a burst. */
export type TokenBucket = { readonly tokens: number; readonly at: number }

export type Rate = {
  readonly burst: number
  /** Milliseconds until one more comes. */
  readonly every: number
}

/** What a bucket holds at a time, in milliseconds; one that nobody has taken from is full. */
export function refilled(bucket: TokenBucket | undefined, rate: Rate, now: number): TokenBucket {
  if (bucket === undefined) return { tokens: rate.burst, at: now }
  const come = Math.max(0, now - bucket.at) / rate.every
  return { tokens: Math.min(rate.burst, bucket.tokens + come), at: now }
}
