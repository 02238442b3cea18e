import { attachmentFor } from '../../../shared/route/attach.ts'
import { primaryNames } from '../../../shared/route/certifiable-hosts.ts'
import type { Certificate } from '../../../shared/certmanager/certificate.ts'
import { certificateOf, nameOf, type HostStanding } from '../../../shared/certificates/desired.ts'
import type { Verdict } from '../../../shared/route/decide.ts'
import { isMistake, type Reason } from '../../../shared/findings/reasons.ts'
import { isOurChoice, isOurTls, isSecretOfUser } from '../../../shared/route/our-choice.ts'
import { SECRET, type Settings } from '../../../shared/settings/settings.ts'
import type { Route } from '../../../shared/traefik/route.ts'
import { routeReach } from '../../../shared/traefik/rule-reach.ts'
import { noteOn, type Action } from './action.ts'
import {
  planCompanion,
  planCompanionEnd,
  planCompanionServing,
  type StoredCompanion,
} from './plan-companion.ts'
import { planConflict } from './plan-conflict.ts'
import { attachPatch, detachPatch } from './route-patch.ts'
import { takeAtOnce, type Steps } from '../../runtime/slices.ts'

/** A stored route, what was decided about it, and what else there is of it. */
export type RouteInput = {
  readonly route: Route
  readonly settings: Settings
  readonly verdict: Verdict
  /** The claims of its hosts; none while it is unmanaged. */
  readonly claims: readonly HostStanding[]
  readonly companion: StoredCompanion
  /** Whether a host belongs to another namespace. */
  readonly isHeldElsewhere: (host: string) => boolean
  /** Whether a Secret is that of a Certificate of ours which the route owns. */
  readonly isOurSecret: (secretName: string) => boolean
  /** Whether a Certificate's carrier is there. */
  readonly isCarried: (certificate: Certificate) => boolean
}

/** What brings a stored route to where it should be, in the safe order: nobody is without HTTP, or
 * without a valid certificate, at any moment in between. */
export function planRoute(input: RouteInput): readonly Action[] {
  return takeAtOnce(planningRoute(input))
}

/** The same, in steps: a route may have thousands of hosts. */
export function* planningRoute(input: RouteInput): Steps<readonly Action[]> {
  const { verdict } = input
  if (verdict.kind === 'managed') {
    const { altNames } = primaryNames(input.settings, verdict.hosts)
    const conflict = planConflict({ ...input, names: [...verdict.hosts, ...altNames] })
    yield
    if (verdict.named) return [...conflict, ...planCompanionEnd(input)]
    const isTaken = verdict.findings.some(({ reason }) => reason === 'CompanionTaken')
    if (verdict.attach !== 'inject' && !isTaken) return conflict
    return [...conflict, ...(yield* stay(input))]
  }
  // Of a route that is too long nothing is read: what it had stays.
  if (isKept(input.route, verdict.reason) || routeReach(input.route).isTooLong) return []
  return hasLostAnnotation(input) ? giveBack(input.route) : leave(input)
}

/** The annotation alone was removed while no webhook was there to put it back: the Secret's name is ours
 * by the Certificate that the route owns. */
function hasLostAnnotation({ route, verdict, isOurSecret }: RouteInput): boolean {
  const secretName = route.spec.tls?.secretName
  if (verdict.kind === 'managed' || verdict.reason !== 'OwnSecret') return false
  if (secretName === undefined || route.metadata.annotations[SECRET] !== undefined) return false
  return !isSecretOfUser(route) && isOurSecret(secretName)
}

function giveBack(route: Route): readonly Action[] {
  const secretName = route.spec.tls?.secretName ?? ''
  return [{ kind: 'patch', route, patch: attachPatch(route, secretName, undefined) }]
}

/** What is ours or going needs nothing. A slip, in the route or in the server's flags after an upgrade, must
 * cost nobody anything: what a route has by us stays until its own words say otherwise. */
function isKept({ spec }: Route, reason: Reason): boolean {
  if (reason === 'NoTlsEntryPoint') return spec.entryPoints.length === 0
  return KEPT.has(reason) || isMistake(reason)
}

const KEPT: ReadonlySet<Reason> = new Set<Reason>([
  'Carrier',
  'BeingDeleted',
  'OtherIngressClass',
  'WildcardIssuerMissing',
])

/** Companion first, then the Secret's name, then a companion that is not wanted any more. */
function* stay(input: RouteInput): Steps<readonly Action[]> {
  const { route, claims } = input
  const companion = yield* planCompanion({ ...input, isServed: (claim) => isServed(claim, input) })
  // Without its companion a route that speaks HTTP would go silent.
  if (companion.isBlocked) return [...companion.actions, ...(isOurTls(route) ? leave(input) : [])]
  const attachment = attachmentFor(input)
  return [
    ...companion.actions,
    ...(attachment === undefined
      ? move(route, claims, input.verdict)
      : name(route, attachment.secretName, attachment.options)),
    ...(companion.isWanted ? [] : planCompanionEnd(input)),
  ]
}

/** To the Secret that the primary host's Certificate has, once there is something in it. */
function move(route: Route, claims: readonly HostStanding[], verdict: Verdict): readonly Action[] {
  if (!isOurChoice(route) || verdict.kind === 'unmanaged') return []
  if (claims.some((claim) => nameOf(claim).secret === route.spec.tls?.secretName)) return []
  const primary = claims.find((claim) => claim.host === verdict.hosts[0])
  if (primary === undefined || certificateOf(primary)?.status.notAfter === undefined) return []
  return name(route, nameOf(primary).secret, undefined)
}

function name(route: Route, secretName: string, options: string | undefined): readonly Action[] {
  return [
    { kind: 'patch', route, patch: attachPatch(route, secretName, options) },
    noteOn(route, 'SecretNamed', secretName),
  ]
}

/** The companion serves again, the route loses what we gave it, and then the companion goes. */
function leave(input: RouteInput): readonly Action[] {
  const { route } = input
  if (!isOurChoice(route)) return planCompanionEnd(input)
  return [
    ...planCompanionServing(input),
    { kind: 'patch', route, patch: detachPatch(route) },
    noteOn(route, 'SecretTakenBack', route.spec.tls?.secretName ?? ''),
    ...planCompanionEnd(input),
  ]
}

/** Whether a host's certificate was issued, and is in Traefik's pool. */
function isServed(claim: HostStanding, { route, isCarried }: RouteInput): boolean {
  const certificate = certificateOf(claim)
  if (certificate?.status.notAfter === undefined) return false
  return certificate.spec.secretName === route.spec.tls?.secretName || isCarried(certificate)
}
