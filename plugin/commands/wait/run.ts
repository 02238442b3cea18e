import { follow } from '../../reissue/follow.ts'
import { itemsToAwait, ofRoutes } from '../../status/named-items.ts'
import { namespaceOf } from '../../command-line/options.ts'
import type { StatusItem } from '../../status/report.ts'
import { selectedRoutes } from '../../gather/selected-routes.ts'
import type { ClusterContext } from '../../command-line/run-context.ts'
import type { WaitFlags } from './usage.ts'

/** Tells each change until every domain is issued (or has failed). Gives the exit code: 0 when all got
 * there, 1 when one has ended elsewhere or the time is over. */
export async function runWait(command: WaitFlags, context: ClusterContext): Promise<number> {
  const { cluster, names, selector, goal, timeout } = command
  const { client } = context
  const namespace = namespaceOf(cluster, client)
  const routes = await selectedRoutes(client, namespace, selector)
  const choose = (items: readonly StatusItem[]): readonly StatusItem[] =>
    itemsToAwait(ofRoutes(items, routes), names)
  return follow({ namespace, goal, timeout, choose }, context)
}
