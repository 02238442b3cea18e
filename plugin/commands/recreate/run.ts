import { gather } from '../../gather/snapshot.ts'
import { ofRoutes } from '../../status/named-items.ts'
import { namespaceOf } from '../../command-line/options.ts'
import { runReissue } from '../../reissue/run-reissue.ts'
import { selectedRoutes } from '../../gather/selected-routes.ts'
import { statusItems } from '../../status/status-items.ts'
import { failedTargets, targetsOf } from '../../reissue/targets.ts'
import type { ClusterContext } from '../../command-line/run-context.ts'
import type { RecreateFlags } from './usage.ts'

/** Asks cert-manager for a new issuance of failed Certificates, now instead of at their next try; the
 * Secret stays in place. Or deletes them, for tlsauto to create them again. Gives the exit code: 0 when all
 * were asked for (with --wait: issued), 1 when not, 2 when something could not be done. */
export async function runRecreate(
  command: RecreateFlags,
  context: ClusterContext,
): Promise<number> {
  const { client, terminal, now } = context
  const { names, force, hard, deleteSecret } = command
  const namespace = namespaceOf(command.cluster, client)
  const routes = await selectedRoutes(client, namespace, command.selector)
  const gathered = await gather(client, namespace, { past: true })
  const items = ofRoutes(statusItems(gathered, now()), routes)
  const choose = command.failed ? failedTargets : targetsOf
  const targets = choose(items, names, { purpose: 'recreate', force, now: now() })
  if (targets.length === 0) terminal.error('nothing has failed\n')
  const deletes = deleteSecret ? 'both' : hard ? 'certificate' : 'nothing'
  const { probe } = command
  return runReissue({ targets, gathered, items, flags: command, deletes, probe }, context)
}
