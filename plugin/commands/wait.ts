import type { Command } from '../command.ts'
import { follow } from '../follow.ts'
import { itemsToAwait } from '../named-items.ts'
import { namespaceOf } from '../namespace-of.ts'
import type { StatusContext } from './status.ts'

type WaitCommand = Extract<Command, { kind: 'wait' }>

/** Tells each change until every domain is issued (or has failed). Gives the exit code: 0 when all got
 * there, 1 when one has ended elsewhere or the time is over. */
export async function runWait(command: WaitCommand, context: StatusContext): Promise<number> {
  const { cluster, names, goal, timeout } = command
  const namespace = namespaceOf(cluster, context.client)
  return follow(
    { namespace, goal, timeout, choose: (items) => itemsToAwait(items, names) },
    context,
  )
}
