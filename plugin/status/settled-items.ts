import type { UnboundedRules } from '../../shared/findings/reasons.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { readServerFlags } from '../gather/server/read-server-flags.ts'
import type { Gathered } from '../gather/snapshot.ts'
import { gatherDomainClaims } from '../gather/domain-claims.ts'
import type { StatusItem } from './report.ts'
import { statusItems, type Beside } from './status-items.ts'
import { withHindrances } from './with-hindrances.ts'

/** The report of what was gathered. A host that has no certificate may belong to another namespace: only then
 * it is looked whose it is. A rule that is not limited to named hosts may be what the operator allows: only then
 * are the server's flags looked at. */
export async function settledItems(
  client: KubeClient,
  gathered: Gathered,
  about: { readonly namespace: string | undefined; readonly now: Date },
): Promise<readonly StatusItem[]> {
  const { namespace, now } = about
  const items = statusItems(gathered, now)
  const beside: Beside = {
    ...(items.some(({ state }) => state !== 'issued')
      ? { claims: await gatherDomainClaims(client) }
      : {}),
    ...(items.some(({ reason }) => reason === 'UnboundedRule')
      ? { unboundedRules: await unboundedRules(client) }
      : {}),
  }
  const isSettled = Object.keys(beside).length === 0
  const settled = isSettled ? items : statusItems(gathered, now, beside)
  return withHindrances(client, namespace, settled)
}

/** Deny, where this user may not read them. */
async function unboundedRules(client: KubeClient): Promise<UnboundedRules> {
  const { flags } = await readServerFlags(client)
  return flags.settings.unboundedRules
}
