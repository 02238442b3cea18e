import { objectAt, textAt } from '../../../shared/json/json.ts'
import { INSTALLATION } from '../../../shared/kube/installation.ts'
import type { KubeClient, Lookup } from '../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'
import { countAt } from '../../../shared/json/number.ts'
import { rfc3339, timeAt } from '../../../shared/json/time.ts'
import type { ServerPlace } from './server-place.ts'

/** Reads the Lease of tlsauto's controller. */
export async function readControllerLease(
  client: KubeClient,
  { namespace }: ServerPlace,
): Promise<Lookup> {
  return client.get({ resource: RESOURCES.leases, namespace, name: INSTALLATION.lease })
}

/** For a holder that is late, and for clocks that differ. */
const GRACE_MS = 30_000

/** What speaks against there being a controller that makes Certificates; undefined: nothing does. */
export function controllerProblem(lease: Lookup, now: Date): string | undefined {
  if (lease.kind === 'forbidden')
    return 'you are not allowed to read the Lease that tells whether it runs'
  if (lease.kind === 'missing') return 'there is no Lease of it: it has never run here'
  const spec = objectAt(lease.object, 'spec')
  if (textAt(spec, 'holderIdentity') === undefined) return 'no replica of it leads'
  const renewed = timeAt(spec, 'renewTime')
  if (renewed === undefined) return 'its Lease has never been renewed'
  const duration = (countAt(spec, 'leaseDurationSeconds') || 15) * 1000
  if (now.getTime() - renewed <= duration + GRACE_MS) return undefined
  return `it was last heard of at ${rfc3339(renewed).replace(/\.\d+Z$/, 'Z')}`
}
