import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { eachAlone } from '../../shared/json/each-alone.ts'
import { domainStatus, type State } from '../../shared/status/status.ts'
import { keyOf } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import type { Time } from '../../shared/json/time.ts'
import type { OnFault } from '../runtime/faults.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { inSlices, type Slices } from '../runtime/slices.ts'

/** Counts the hosts of our Certificates by their state, and finds the first to expire. A Certificate that can't be
 * judged counts as `unknown`. */
export async function measureHosts(
  certificates: Iterable<Certificate>,
  context: {
    readonly metrics: Pick<Metrics, 'hosts' | 'earliestExpiry'>
    readonly onFault: OnFault
    readonly slices: Slices
    readonly now: Date
  },
): Promise<void> {
  const { metrics, onFault, slices, now } = context
  const counts = new Map<State, number>()
  let earliest = Infinity
  const judge = (certificate: Certificate): Measured => measure(certificate, now)
  const onFailure = (certificate: Certificate, error: unknown): Measured => {
    onFault('measure', `Certificate ${keyOf(certificate)}`, error)
    return { state: 'unknown', hosts: 1, notAfter: undefined }
  }
  await inSlices(slices, certificates, (certificate) => {
    const [one] = eachAlone([certificate], judge, onFailure)
    if (one === undefined) return
    counts.set(one.state, (counts.get(one.state) ?? 0) + one.hosts)
    earliest = Math.min(earliest, one.notAfter ?? earliest)
  })
  metrics.hosts.reset()
  for (const [state, count] of counts) metrics.hosts.set({ state }, count)
  metrics.earliestExpiry.set(Number.isFinite(earliest) ? earliest / 1000 : 0)
}

/** undefined: it is not ours. */
type Measured =
  | { readonly state: State; readonly hosts: number; readonly notAfter: Time | undefined }
  | undefined

function measure(certificate: Certificate, now: Date): Measured {
  if (!isOurs(certificate)) return undefined
  const { spec, status } = certificate
  const { state } = domainStatus({ certificate, ...NOTHING_ELSE, now })
  return { state, hosts: spec.dnsNames.length, notAfter: status.notAfter }
}

/** Requests, orders and challenges are not watched: what only they know is not told here. */
const NOTHING_ELSE = { request: undefined, order: undefined, challenges: [], rival: undefined }
