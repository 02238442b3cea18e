import type { State } from '../shared/findings/status.ts'
import type { StatusItem } from './report.ts'

/** 0 when all is fine or on its way, 1 when something needs a look: `kubectl diff`'s meaning. */
export function exitCode(items: readonly StatusItem[]): 0 | 1 {
  return items.some(({ state }) => NEEDS_A_LOOK[state]) ? 1 : 0
}

const NEEDS_A_LOOK: Readonly<Record<State, boolean>> = {
  expired: true,
  conflict: true,
  'rate-limited': true,
  'renew-failing': true, // still served, but not for ever
  failed: true,
  stuck: true,
  pending: false,
  renewing: false,
  issued: false,
  unmanaged: false,
}
