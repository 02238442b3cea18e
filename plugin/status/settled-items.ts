import { isStatus } from '../../shared/kube/kube-error.ts'
import type { UnboundedRules } from '../../shared/findings/reasons.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { readServerFlags } from '../doctor/read-server-flags.ts'
import { gather, type Gathered } from './gather.ts'
import type { Claims } from './holders.ts'
import type { StatusItem } from './report.ts'
import { statusItems, type Beside } from './status-items.ts'
import { withHindrances } from './with-hindrances.ts'

/** The report of a namespace or (undefined) of all. A host without a Certificate may belong to another
 * namespace: only then are all of them looked at, where this user may. A rule that is not limited to named hosts
 * may be what the operator allows: only then are the server's flags looked at. */
export async function settledItems(
  client: KubeClient,
  gathered: Gathered,
  about: { readonly namespace: string | undefined; readonly now: Date },
): Promise<readonly StatusItem[]> {
  const { namespace, now } = about
  const items = statusItems(gathered, now)
  const has = (wanted: string): boolean => items.some(({ reason }) => reason === wanted)
  const beside: Beside = {
    ...(namespace !== undefined && has('NoCertificate') ? { claims: await allClaims(client) } : {}),
    ...(has('UnboundedRule') ? { unboundedRules: await unboundedRules(client) } : {}),
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

async function allClaims(client: KubeClient): Promise<Claims | undefined> {
  try {
    return await gather(client, undefined)
  } catch (error) {
    if (isStatus(error, 403)) return undefined
    throw error
  }
}
