import { causeOf } from '../findings/cause-of.ts'
import type { Cause } from '../findings/causes.ts'
import type { DomainStatus } from './status.ts'
import { failureText, type StatusInput } from './status-words.ts'

/** Why a domain with a Certificate has none, or not for long: undefined where nothing is wrong, or
 * nobody says what. */
export function statusCause(status: DomainStatus, input: StatusInput): Cause | undefined {
  const { message, state } = status
  if (state === 'expired') {
    return causeOf({ reason: null, message: failureText(input) }) ?? causeOf(status)
  }
  return causeOf({ reason: reasonOf(status, input), message })
}

function reasonOf({ reason, state }: DomainStatus, input: StatusInput): string | null {
  // What has only begun is silent for a while.
  if (state === 'pending') return null
  const mayBeOver = state === 'failed' || state === 'renew-failing'
  return mayBeOver && hasRunOut(input) ? 'ChallengeExpired' : reason
}

/** The ACME server waits a week at most for a challenge, and gives no reason when that is over. */
function hasRunOut({ order, challenges }: StatusInput): boolean {
  return [order, ...challenges].some((one) => one?.state === 'expired' && one.reason === '')
}
