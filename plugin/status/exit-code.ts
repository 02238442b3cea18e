import type { State } from '../../shared/status/status.ts'
import type { StatusItem } from './report.ts'

/** 0 when all is fine or on its way, 1 when something needs a look: `kubectl diff`'s meaning. */
export function exitCode(items: readonly StatusItem[]): 0 | 1 {
  return items.some(({ state }) => severity(state) > 0) ? 1 : 0
}

/** How much a state needs a look: 0 not at all, and the more, the worse. */
export function severity(state: State): number {
  return SEVERITIES[state]
}

const SEVERITIES: Readonly<Record<State, number>> = {
  expired: 6, // browsers refuse it
  failed: 5,
  'rate-limited': 4, // time fixes it
  conflict: 3,
  stuck: 2,
  unknown: 2, // nobody can say that all is well
  'renew-failing': 1, // still served, but not for ever
  pending: 0,
  renewing: 0,
  issued: 0,
  unmanaged: 0,
}
