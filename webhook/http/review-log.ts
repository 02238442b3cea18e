import type { Logger } from '../runtime/logger.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { Reviewed } from './review-handler.ts'

export type Webhook = 'mutate' | 'validate' | 'hosts'

type Result = 'allowed' | 'changed' | 'warned' | 'denied' | 'failed' | 'late'

/** Labels must not be as many as a sender likes. */
const OPERATIONS: ReadonlySet<string> = new Set(['CREATE', 'UPDATE'])
const KINDS: ReadonlySet<string> = new Set(['IngressRoute', 'IngressRouteTCP'])

/** Gives the function that counts a webhook's reviews and logs a line for each: plainly for those in
 * which something was done, only at level debug for the rest. */
export function createReviewLog(
  webhook: Webhook,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): (reviewed: Reviewed) => void {
  return (reviewed) => {
    const { review, milliseconds, kind, answer } = reviewed
    const result = resultOf(reviewed)
    const operation = OPERATIONS.has(review.operation) ? review.operation : 'other'
    metrics.requests.inc({
      webhook,
      operation,
      kind: KINDS.has(review.kind) ? review.kind : 'other',
      result,
    })
    metrics.duration.observe({ webhook, operation, result }, milliseconds / 1000)
    logger[LEVELS[result]](
      {
        uid: review.uid,
        webhook,
        operation: review.operation,
        kind: review.kind,
        object: `${review.namespace}/${review.name}`,
        user: review.username,
        decision: answer.audit?.['decision'],
        milliseconds,
        ...(kind === 'failed' ? { error: reviewed.error } : {}),
      },
      `review ${result}`,
    )
  }
}

const LEVELS = {
  allowed: 'debug',
  changed: 'info',
  warned: 'info',
  denied: 'info',
  late: 'warn',
  failed: 'error',
} as const satisfies Readonly<Record<Result, keyof Logger>>

function resultOf({ kind, answer }: Reviewed): Result {
  if (kind !== 'decided') return kind
  if (answer.denial !== undefined) return 'denied'
  if (answer.patch.length > 0) return 'changed'
  return answer.warnings.length > 0 ? 'warned' : 'allowed'
}
