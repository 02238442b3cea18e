import type { ReissueFlags } from '../../command-line/reissue-options.ts'
import { gather } from '../../gather/snapshot.ts'
import { ofRoutes } from '../../status/named-items.ts'
import { namespaceOf } from '../../command-line/options.ts'
import { runReissue } from '../../reissue/run-reissue.ts'
import { selectedRoutes } from '../../gather/selected-routes.ts'
import { statusItems } from '../../status/status-items.ts'
import { targetsOf } from '../../reissue/targets.ts'
import type { ClusterContext } from '../../command-line/run-context.ts'

/** Asks cert-manager to issue certificates again before their time; the Secrets stay in place. Gives the
 * exit code: 0 when all were asked for (with --wait: issued), 1 when not, 2 when something could not be
 * done. */
export async function runRenew(command: ReissueFlags, context: ClusterContext): Promise<number> {
  const { client, now } = context
  const { names, force } = command
  const namespace = namespaceOf(command.cluster, client)
  const routes = await selectedRoutes(client, namespace, command.selector)
  const gathered = await gather(client, namespace, { past: true })
  const items = ofRoutes(statusItems(gathered, now()), routes)
  const targets = targetsOf(items, names, { purpose: 'renew', force, now: now() })
  return runReissue({ targets, gathered, items, flags: command, deletes: 'nothing' }, context)
}
