import type { ClusterContext } from '../command-line/run-context.ts'
import { snapshots } from '../gather/snapshots.ts'
import { outcome, type Goal } from './outcome.ts'
import type { StatusItem } from '../status/report.ts'
import { statusItems } from '../status/status-items.ts'
import { paint, type Terminal } from '../command-line/terminal.ts'

/** Tells each change of the chosen domains until every one is where it should be (gives 0), or has ended
 * elsewhere, or the time is over (1). A time of 0 looks once. */
export async function follow(
  input: {
    readonly namespace: string | undefined
    readonly goal: Goal
    /** Milliseconds. */
    readonly timeout: number
    readonly choose: (items: readonly StatusItem[]) => readonly StatusItem[]
  },
  context: ClusterContext,
): Promise<0 | 1> {
  const { namespace, goal, choose } = input
  const { client, terminal } = context
  const timeout = AbortSignal.timeout(input.timeout)
  const signal = AbortSignal.any([context.signal, timeout])
  const told = new Map<string, string>()
  let open: readonly StatusItem[] = []
  for await (const gathered of snapshots(client, namespace, { terminal, signal })) {
    const items = choose(statusItems(gathered, context.now()))
    for (const item of items) tell(item, told, terminal)
    open = items.filter((item) => outcome(item, goal) === 'open')
    if (open.length === 0) {
      return items.every((item) => outcome(item, goal) === 'reached') ? 0 : 1
    }
  }
  if (timeout.aborted) for (const item of open) tellLate(item, input.timeout, terminal)
  return 1
}

/** Once for each state and reason: messages that only count down are not repeated. */
function tell(item: StatusItem, told: Map<string, string>, terminal: Terminal): void {
  const domain = `${item.namespace}/${item.domain ?? item.route}`
  const step = `${item.state} ${item.reason}`
  if (told.get(domain) === step) return
  told.set(domain, step)
  terminal.out(`${paint(standing(item), undefined)}\n`)
}

function tellLate(item: StatusItem, timeout: number, terminal: Terminal): void {
  const text = `timed out after ${timeout / 1000} s: ${standing(item)}`
  terminal.error(`${paint(text, undefined)}\n`)
}

/** `shop.example.com is failed: DNS problem: …`. */
function standing({ domain, route, state, message, notAfter }: StatusItem): string {
  const until = notAfter === null || state === 'expired' ? '' : `, until ${notAfter}`
  const detail = message === null ? until : `: ${message}`
  return `${domain ?? route} is ${state}${detail}`
}
