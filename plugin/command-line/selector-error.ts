import { isStatus } from '../../shared/kube/kube-error.ts'
import { UsageError } from './usage-error.ts'

/** What to throw of an error that came of a list with a selector: the API server's complaint about it does
 * not say what it is about. */
export function selectorError(error: unknown, selector: string | undefined): unknown {
  if (selector === undefined || !isStatus(error, 400)) return error
  return new UsageError(`--selector ${selector} can't be read: ${error.message}`)
}
