import type { StatusItem } from '../status/report.ts'

/** What is waited for: a valid certificate, a failure, or the end of an issuance that was asked for. */
export type Goal = 'issued' | 'failed' | 'reissued'

/** Whether a domain is where it should be, can't get there by itself any more, or may yet. */
export type Outcome = 'reached' | 'missed' | 'open'

/** How a domain stands to what is waited for. One that is left alone gets nowhere. */
export function outcome(item: StatusItem, goal: Goal): Outcome {
  return item.state === 'unmanaged' ? 'missed' : OUTCOMES[goal](item)
}

const OUTCOMES: Readonly<Record<Goal, (item: StatusItem) => Outcome>> = {
  issued: (item) => (item.tlsStatus === 'issued' ? 'reached' : missedOrOpen(item)),
  failed: ({ tlsStatus }) =>
    tlsStatus === 'issued' ? 'missed' : tlsStatus === 'failed' ? 'reached' : 'open',
  reissued: (item) => (item.state === 'issued' ? 'reached' : missedOrOpen(item)),
}

/** Missed is what has ended: only what has failed has a next try, while an expired certificate stays
 * expired until the new one is there; two Certificates with one Secret wait for somebody to part them. */
function missedOrOpen({ state, nextRetry }: StatusItem): Outcome {
  return nextRetry !== null || state === 'conflict' ? 'missed' : 'open'
}
