import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { domainStatus, type State } from '../../shared/findings/status.ts'
import { isOurs } from '../../shared/ours.ts'
import type { Metrics } from '../metrics.ts'

/** Counts the hosts of our Certificates by their state, and finds the first to expire. */
export function measureHosts(
  metrics: Pick<Metrics, 'hosts' | 'earliestExpiry'>,
  certificates: Iterable<Certificate>,
  now: Date,
): void {
  const counts = new Map<State, number>()
  let earliest = Number.POSITIVE_INFINITY
  for (const certificate of certificates) {
    if (!isOurs(certificate)) continue
    const { state } = domainStatus({ certificate, ...NOTHING_ELSE, now })
    counts.set(state, (counts.get(state) ?? 0) + certificate.spec.dnsNames.length)
    earliest = Math.min(earliest, certificate.status.notAfter ?? earliest)
  }
  metrics.hosts.reset()
  for (const [state, count] of counts) metrics.hosts.set({ state }, count)
  metrics.earliestExpiry.set(Number.isFinite(earliest) ? earliest / 1000 : 0)
}

/** Requests, orders and challenges are not watched: what only they know is not told here. */
const NOTHING_ELSE = { request: undefined, order: undefined, challenges: [], rival: undefined }
