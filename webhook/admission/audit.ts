import type { Verdict } from '../../shared/route/decide.ts'
import { certificatesOfSecret } from '../../shared/names/names.ts'
import type { Answer, ReviewRequest } from './review.ts'

const LONGEST_LIST = 1024

/** What the API server's audit log says of a request: what was decided, for which hosts, Certificate and
 * Secret (those of the primary host), and who asked. */
export function auditOf(input: {
  readonly review: ReviewRequest
  /** Undefined: it is about no route. */
  readonly verdict: Verdict | undefined
  readonly denial: string | undefined
}): NonNullable<Answer['audit']> {
  const { review, verdict, denial } = input
  const decided = verdict === undefined ? {} : ofVerdict(verdict)
  const denied = denial === undefined ? {} : { decision: `denied: ${denial}` }
  return { requester: review.username, ...decided, ...denied }
}

function ofVerdict(verdict: Verdict): NonNullable<Answer['audit']> {
  if (verdict.kind === 'unmanaged') return { decision: `unmanaged: ${verdict.reason}` }
  const { hosts, named, secret } = verdict
  const [certificate = secret] = named ? [secret] : certificatesOfSecret(secret)
  return { decision: 'managed', hosts: listed(hosts), certificate, secret }
}

/** Comma-separated, as many as fit, and how many there are beside. */
function listed(names: readonly string[]): string {
  // A name has a character at least: more of them never fit.
  const whole = names.slice(0, LONGEST_LIST).join(',')
  if (whole.length <= LONGEST_LIST && names.length <= LONGEST_LIST) return whole
  const shown = whole.slice(0, whole.lastIndexOf(',', LONGEST_LIST))
  return `${shown} and ${names.length - shown.split(',').length} more`
}
