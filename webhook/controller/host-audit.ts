import { createHash } from 'node:crypto'
import type { Finding, HostClaims, Reason } from '../../shared/findings/reasons.ts'
import { hostViolations, type Violation } from '../../shared/route/host-check.ts'
import { ownerReference } from '../../shared/kube/object.ts'
import { isCompanion } from '../../shared/kube/ours.ts'
import { limitsOf, type NamespaceSettings } from '../../shared/settings/settings.ts'
import type { Route } from '../../shared/traefik/route.ts'
import { routeReach } from '../../shared/traefik/rule-reach.ts'
import type { ClusterIndex } from './index/cluster-index.ts'
import type { IndexedRoute } from './index/route-store.ts'
import type { Recorder } from '../runtime/event-recorder.ts'

/** Finds stored routes that name hosts which aren't their namespace's: from before the check at admission, or from
 * a time when it was away. Nothing stored is changed. */
export type HostAudit = {
  /** Judges the stored route of that key (`Kind namespace/name`) by the check's own function, and tells its owner
   * once what is wrong. */
  look(key: string): void
  /** How many stored routes have something of each reason. */
  counts(): ReadonlyMap<Reason, number>
  /** Another replica looks now. */
  forget(): void
}

export type HostAuditInput = {
  readonly index: Pick<
    ClusterIndex,
    'namespace' | 'rivalOf' | 'route' | 'routeKeysOfCompanion' | 'verdict'
  >
  readonly hostClaims: HostClaims
  readonly recorder: Pick<Recorder, 'record'>
}

/** What is known of a route with something wrong; `said` is short, whatever the route says. */
type Offender = { readonly said: string; readonly reasons: readonly Reason[] }

/** Has seen nothing yet. */
export function createHostAudit({ index, hostClaims, recorder }: HostAuditInput): HostAudit {
  const offenders = new Map<string, Offender>()

  const judge = ({ route, settings }: IndexedRoute, namespace: NamespaceSettings) => {
    const { namespace: here } = route.metadata
    const rights = {
      namespace: here,
      allowed: limitsOf(namespace),
      holderOf: (host: string) => index.rivalOf(host, here),
      hostClaims,
      unboundedRules: settings.cluster.unboundedRules,
    }
    const violations = hostViolations(route, rights, routeReach(route))
    return isCompanionHere(route)
      ? violations.filter(({ finding }) => finding.reason !== 'RouteNotChecked')
      : violations
  }

  /** It says what its route says, up to three times; the reconciler sees to that. */
  const isCompanionHere = (route: Route): boolean => {
    const { namespace, name } = route.metadata
    if (!isCompanion(route)) return false
    const keys = index.routeKeysOfCompanion(namespace, name)
    return keys.some((key) => index.verdict(key)?.kind === 'managed')
  }

  const note = (key: string, entry: IndexedRoute, violations: readonly Violation[]): void => {
    const said = digest([
      entry.route.metadata.uid,
      ...violations.flatMap(({ keys: [key = ''] }) => key),
    ])
    if (offenders.get(key)?.said === said) return
    const findings = violations.map(({ finding }) => finding)
    offenders.set(key, { said, reasons: [...new Set(findings.map(({ reason }) => reason))] })
    const verdict = index.verdict(key)
    const managed = new Set<string>(verdict?.kind === 'managed' ? verdict.hosts : [])
    // Of hosts that would get a certificate, the route's plan tells that another namespace holds them.
    tell(
      entry,
      findings.filter(({ reason, about }) => reason !== 'HostHeldElsewhere' || !managed.has(about)),
    )
  }

  const tell = ({ route }: IndexedRoute, [first, ...others]: readonly Finding[]): void => {
    if (first === undefined) return
    const { reason, path, about } = first
    const on = { ...ownerReference(route), namespace: route.metadata.namespace }
    recorder.record({ on, reason, about: `${about} (${path})`, others })
  }

  return {
    look: (key) => {
      const entry = index.route(key)
      const namespace = entry && index.namespace(entry.route.metadata.namespace)
      // Of a namespace that is being deleted nothing new is known.
      if (entry !== undefined && namespace === undefined) return
      const violations = entry && namespace ? judge(entry, namespace) : []
      if (entry === undefined || violations.length === 0) offenders.delete(key)
      else note(key, entry, violations)
    },
    counts: () => {
      const reasons = [...offenders.values()].flatMap((offender) => offender.reasons)
      const byReason = Map.groupBy(reasons, (reason) => reason)
      return new Map(Array.from(byReason, ([reason, all]) => [reason, all.length]))
    },
    forget: () => offenders.clear(),
  }
}

function digest(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${text}\n`)
  return hash.digest('base64')
}
