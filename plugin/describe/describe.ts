import { adviceOn } from '../../shared/findings/cause-of.ts'
import type { KubeEvent } from '../../shared/kube/event.ts'
import { compare } from '../../shared/kube/object.ts'
import { parseTime, rfc3339, type Time } from '../../shared/json/time.ts'
import type { Around, Chain } from './chain.ts'
import { chainTree, type TreeNode } from './chain-tree.ts'
import { causeObjectOf, type CauseObject } from './cause-object.ts'
import type { StatusItem } from '../status/report.ts'

export type EventLine = {
  /** RFC 3339: when it happened last; empty where nobody says. */
  readonly time: string
  readonly type: string
  readonly reason: string
  /** `Kind/name`. */
  readonly object: string
  readonly message: string
  readonly count: number
}

/** All about one domain of one route, as `-o json` prints it: what `status` says, and more. */
export type Description = StatusItem & {
  /** One sentence about what happens by itself, or null. */
  readonly whatNext: string | null
  readonly chain: TreeNode
  /** In the order of their times. */
  readonly events: readonly EventLine[]
}

/** Describes one chain: its tree, its one cause and what to do about it, what happened, and what comes next after
 * `now`. */
export function describe(chain: Chain, around: Around, now: Date): Description {
  const { item } = chain
  const causeObject = causeObjectOf(chain, around)
  return {
    ...item,
    ...wordsOf(chain, causeObject, now),
    chain: chainTree(chain, around, causeObject?.id),
    events: eventLines(around.events),
  }
}

type Words = Pick<Description, 'message' | 'cause' | 'whatToDo' | 'whatNext'>

function wordsOf(chain: Chain, causeObject: CauseObject | undefined, now: Date): Words {
  const { domain, route, message } = chain.item
  const next = whatNext(chain, now) ?? null
  if (causeObject?.cause === undefined)
    return { message, cause: null, whatToDo: null, whatNext: next }
  const advice = adviceOn(causeObject.cause, domain ?? route)
  const { cause, whatToDo } = advice
  return { message: causeObject.message, cause, whatToDo, whatNext: next ?? advice.next }
}

function whatNext({ item, certificate }: Chain, now: Date): string | undefined {
  if (item.cause === 'AccountPaused') return 'no try succeeds before the account may go on'
  if (item.state === 'rate-limited') return afterLimit(item, now)
  if (item.nextRetry !== null) return `cert-manager tries again by itself at ${item.nextRetry}`
  const renewal = certificate?.status.renewalTime
  const isDue = item.state === 'issued' && renewal !== undefined
  return isDue ? `cert-manager renews it by itself at ${rfc3339(renewal)}` : undefined
}

function afterLimit({ nextRetry, domain, route }: StatusItem, now: Date): string {
  const retry = nextRetry === null ? undefined : parseTime(nextRetry)
  const isOver = retry !== undefined && retry <= now.getTime()
  return isOver
    ? `the limit has ended: kubectl tlsauto recreate ${domain ?? route} tries again now`
    : `no try before ${nextRetry} can succeed`
}

/** In the order of their times. Several cert-manager controllers tell the same: that is one line. */
function eventLines(events: readonly KubeEvent[]): readonly EventLine[] {
  const lines = new Map<string, EventLine>()
  for (const { time, type, reason, kind, name, message, count } of events.toSorted(byTime)) {
    const object = `${kind}/${name}`
    const key = JSON.stringify([object, type, reason, message])
    const told = lines.get(key)?.count ?? 0
    // Taken out and put in again: the last time counts.
    lines.delete(key)
    lines.set(key, { time: textOf(time), type, reason, object, message, count: told + count })
  }
  return [...lines.values()]
}

function byTime(a: KubeEvent, b: KubeEvent): number {
  return (a.time ?? 0) - (b.time ?? 0) || compare(a.name, b.name)
}

function textOf(time: Time | undefined): string {
  return time === undefined ? '' : rfc3339(time)
}
