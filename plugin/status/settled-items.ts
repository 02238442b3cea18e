import { isStatus } from '../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { gather, type Gathered } from './gather.ts'
import type { Claims } from './holders.ts'
import type { StatusItem } from './report.ts'
import { statusItems } from './status-items.ts'
import { withHindrances } from './with-hindrances.ts'

/** The report of a namespace or (undefined) of all. A host without a Certificate may belong to another
 * namespace: only then are all of them looked at, where this user may. */
export async function settledItems(
  client: KubeClient,
  gathered: Gathered,
  about: { readonly namespace: string | undefined; readonly now: Date },
): Promise<readonly StatusItem[]> {
  const { namespace, now } = about
  const items = statusItems(gathered, now)
  const isSettled =
    namespace === undefined || !items.some(({ reason }) => reason === 'NoCertificate')
  const settled = isSettled ? items : statusItems(gathered, now, await allClaims(client))
  return withHindrances(client, namespace, settled)
}

async function allClaims(client: KubeClient): Promise<Claims | undefined> {
  try {
    return await gather(client, undefined)
  } catch (error) {
    if (isStatus(error, 403)) return undefined
    throw error
  }
}
