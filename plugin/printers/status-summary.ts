import type { TlsStatus } from '../../shared/status/status.ts'
import { severity } from '../status/exit-code.ts'
import type { Selection } from '../status/status-selection.ts'

/** One line about all of it: `12 domains: 9 issued, 2 pending, 1 failed; 3 left alone (--all shows them)`. */
export function statusSummary({ shown, others }: Selection): string {
  const all = [...shown, ...others]
  const managed = all.filter(({ state }) => state !== 'unmanaged')
  const counts = STATUSES.flatMap((status) => {
    const count = managed.filter(({ tlsStatus }) => tlsStatus === status).length
    return count === 0 ? [] : [`${count} ${status}`]
  })
  const domains = `${managed.length} ${managed.length === 1 ? 'domain' : 'domains'}`
  const first = counts.length === 0 ? domains : `${domains}: ${counts.join(', ')}`
  const problems = managed.filter(({ state }) => severity(state) > 0).length
  const look = problems === 0 ? '' : `; ${problems} to look at (--problems)`
  const alone = all.length - managed.length
  const hidden = others.some(({ state }) => state === 'unmanaged') ? ' (--all shows why)' : ''
  return `${first}${look}${alone === 0 ? '' : `; ${alone} left alone${hidden}`}`
}

const STATUSES: readonly TlsStatus[] = ['issued', 'pending', 'failed']
