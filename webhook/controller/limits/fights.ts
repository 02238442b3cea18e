import { createShares } from '../../runtime/shares.ts'
import { refilled, type Rate, type TokenBucket } from '../../runtime/token-bucket.ts'

/** One write to an object of ours, or of a route: `content` is the same where the same is written. */
export type Write = {
  readonly namespace: string
  /** Its kind and name. */
  readonly object: string
  readonly content: string
}

/** What was written lately, object by object: a write that somebody undoes and that would be made again and again
 * waits ever longer. */
export type Fights = {
  /** Milliseconds that a write must wait; 0: it may be made. */
  wait(write: Write, now: number): number
  /** A write was made. */
  done(write: Write, now: number): void
  /** Whether this fight is told for the first time. */
  isNews(write: Write): boolean
}

type Fight = {
  readonly at: number
  /** How often something was written that had been written before. */
  readonly repeats: number
  readonly contents: readonly string[]
  readonly isTold: boolean
  readonly bucket: TokenBucket
}

/** So often the same is written again at once: users do try things out. */
const FREE_REPEATS = 4
const SHORTEST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 300_000
/** After so long without a write it is over. */
const QUIET_MS = 600_000
/** Whoever has us write A, B, A, B undoes as well. */
const CONTENTS_REMEMBERED = 8
/** Of one object, whatever is written: a Certificate gets owners one after the other, hundreds in a minute. */
const ANYTHING: Rate = { burst: 100, every: 2000 }
const REMEMBERED_PER_NAMESPACE = 2000

/** No fight yet. */
export function createFights(): Fights {
  const fights = createShares<Fight>({ each: REMEMBERED_PER_NAMESPACE })
  const find = ({ namespace, object }: Write, now: number): Fight | undefined => {
    const fight = fights.get(namespace, object)
    return fight !== undefined && now - fight.at < QUIET_MS ? fight : undefined
  }
  return {
    wait: (write, now) => {
      const fight = find(write, now)
      return fight === undefined ? 0 : waitOf(fight, write.content, now)
    },
    done: (write, now) => {
      const { namespace, object, content } = write
      const fight = find(write, now)
      const { tokens } = refilled(fight?.bucket, ANYTHING, now)
      const contents = fight?.contents ?? []
      fights.set(namespace, object, {
        at: now,
        repeats: (fight?.repeats ?? 0) + (contents.includes(content) ? 1 : 0),
        contents: [...contents.filter((one) => one !== content), content].slice(
          -CONTENTS_REMEMBERED,
        ),
        isTold: fight?.isTold ?? false,
        bucket: { tokens: tokens - 1, at: now },
      })
    },
    isNews: ({ namespace, object }) => {
      const fight = fights.get(namespace, object)
      if (fight === undefined || fight.isTold) return false
      fights.set(namespace, object, { ...fight, isTold: true })
      return true
    },
  }
}

function waitOf({ at, repeats, contents, bucket }: Fight, content: string, now: number): number {
  const { tokens } = refilled(bucket, ANYTHING, now)
  const crowded = tokens < 1 ? (1 - tokens) * ANYTHING.every : 0
  const again = repeats - FREE_REPEATS
  if (again < 0 || !contents.includes(content)) return crowded
  const pause = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** again)
  return Math.max(crowded, at + pause - now)
}
