import { certifiableHosts, primaryNames, type CertifiableHosts } from './certifiable-hosts.ts'
import type { DnsName } from '../names/dns-name.ts'
import type { Finding, Reason } from '../findings/reasons.ts'
import { certificateNames } from '../names/names.ts'
import { isOurChoice, namesOurSecret } from './our-choice.ts'
import { isOurs } from '../kube/ours.ts'
import { obstacleToCompanion, wantsCompanion } from './plain-http.ts'
import { ENABLED, SECRET, type Attach, type Settings } from '../settings/settings.ts'
import { effectiveEntryPoints } from './entry-points.ts'
import type { Route } from '../traefik/route.ts'
import { ROUTE_LIMITS, routeReach } from '../traefik/rule-reach.ts'

/** What tlsauto does with a route: take care of its hosts, or leave it alone and say why. */
export type Verdict =
  | {
      readonly kind: 'managed'
      /** The Secret that the route names, or would name. */
      readonly secret: string
      /** The hosts that get certificates, in the order of its rules; the first is the primary one. */
      readonly hosts: readonly DnsName[]
      /** Whether the Secret's name is the user's own choice, for one Certificate of all hosts, as
       * with cert-manager's ingress-shim. */
      readonly named: boolean
      /** How its certificates are attached. */
      readonly attach: Attach
      readonly findings: readonly Finding[]
    }
  | { readonly kind: 'unmanaged'; readonly reason: Reason; readonly findings: readonly Finding[] }

/** Decides about one route. A pure function: webhook, controller and plugin all call it. */
export function decide(route: Route, settings: Settings): Verdict {
  const leave = firstReasonToLeave(route, settings)
  if (leave !== undefined) return unmanaged(leave, [])
  const { hosts, findings } = certifiableHosts(route, settings)
  const [primary] = hosts
  if (primary !== undefined) return managed({ route, settings }, { primary, hosts, findings })
  const [first] = findings
  if (first === undefined) return unmanaged(noHost(route), [])
  return { kind: 'unmanaged', reason: first.reason, findings }
}

function managed(
  { route, settings }: Input,
  found: CertifiableHosts & { readonly primary: DnsName },
): Verdict {
  const { primary, hosts, findings } = found
  const own = route.spec.tls?.secretName
  const named = own !== undefined && !namesOurSecret(route)
  const attachment = attachmentOf({ route, settings }, findings)
  return {
    kind: 'managed',
    secret:
      own ||
      route.metadata.annotations[SECRET] ||
      certificateNames(appOf(route, settings), primary).secret,
    hosts,
    named,
    attach: attachment.attach,
    findings: [
      ...findings,
      ...settings.refused,
      ...primaryNames(settings, named ? hosts : [primary]).findings,
      ...copyFindings(route),
      ...attachment.findings,
    ],
  }
}

/** By carriers also where TLS would end plain HTTP that no companion can take over. */
function attachmentOf(
  { route, settings }: Input,
  findings: readonly Finding[],
): { readonly attach: Attach; readonly findings: readonly Finding[] } {
  if (settings.attach === 'carry') return { attach: 'carry', findings: [] }
  const obstacle = wantsCompanion(route, settings)
    ? obstacleToCompanion(route, findings)
    : undefined
  if (obstacle === undefined) return { attach: 'inject', findings: [] }
  return { attach: 'carry', findings: [obstacle] }
}

/** The app in a route's names: its annotation, else the route's name. */
export function appOf(route: Route, settings: Settings): string {
  return settings.app ?? route.metadata.name
}

type Input = { readonly route: Route; readonly settings: Settings }
type Check = (input: Input) => Finding | undefined

/** In the order in which a reader of the route would ask. */
const REASONS_TO_LEAVE: readonly Check[] = [
  isCarrier,
  isBeingDeleted,
  isCut, // the controller could not keep its rules
  isOptedOut,
  hasParents, // Traefik disables a child router with TLS
  isOfAnotherClass,
  hasNoTls, // a TCP service that speaks no TLS, or its own
  hasPassthrough,
  hasCertResolver, // Traefik makes the certificate itself
  hasOwnSecret,
  hasUnreadableSetting,
  hasNoTlsEntryPoint,
  isTooLong, // to be read without holding others up
]

function firstReasonToLeave(route: Route, settings: Settings): Finding | undefined {
  for (const check of REASONS_TO_LEAVE) {
    const finding = check({ route, settings })
    if (finding !== undefined) return finding
  }
  return undefined
}

function isCarrier({ route }: Input): Finding | undefined {
  if (!isOurs(route)) return undefined
  return { reason: 'Carrier', path: '', about: route.spec.tls?.secretName ?? '' }
}

function isBeingDeleted({ route }: Input): Finding | undefined {
  if (route.metadata.deletionTimestamp === undefined) return undefined
  return { reason: 'BeingDeleted', path: '', about: '' }
}

function isCut({ route }: Input): Finding | undefined {
  if (!route.isCut) return undefined
  return { reason: 'NoMemory', path: '', about: route.metadata.namespace }
}

function isTooLong({ route }: Input): Finding | undefined {
  if (!routeReach(route).isTooLong) return undefined
  return { reason: 'RouteTooLong', path: 'spec.routes', about: ROUTE_LIMITS }
}

function isOptedOut({ route, settings }: Input): Finding | undefined {
  if (settings.enabled !== false) return undefined
  const where = route.metadata.annotations[ENABLED] === undefined ? 'its namespace: ' : ''
  return { reason: 'OptedOut', path: '', about: `${where}${ENABLED}` }
}

function hasParents({ route }: Input): Finding | undefined {
  if (!route.spec.hasParents) return undefined
  return { reason: 'HasParents', path: 'spec.parentRefs', about: '' }
}

/** As Traefik's kubernetescrd provider chooses: the field, else the old annotation; without a class
 * of its own it takes routes of none and of `traefik`. */
function isOfAnotherClass({ route, settings }: Input): Finding | undefined {
  const annotation = route.metadata.annotations['kubernetes.io/ingress.class'] ?? ''
  const own = route.spec.ingressClassName ?? annotation
  const wanted = settings.cluster.ingressClass
  const fits = wanted === undefined ? own === '' || own === 'traefik' : own === wanted
  if (fits) return undefined
  return { reason: 'OtherIngressClass', path: '', about: own === '' ? '(none)' : own }
}

/** TLS on a plain TCP route would turn away its clients. */
function hasNoTls({ route }: Input): Finding | undefined {
  if (route.kind === 'IngressRoute' || route.spec.tls !== undefined) return undefined
  return { reason: 'NoTls', path: 'spec.tls', about: '' }
}

function hasPassthrough({ route }: Input): Finding | undefined {
  if (route.spec.tls?.passthrough !== true) return undefined
  return { reason: 'Passthrough', path: 'spec.tls.passthrough', about: '' }
}

function hasCertResolver({ route }: Input): Finding | undefined {
  const resolver = route.spec.tls?.certResolver
  if (resolver === undefined) return undefined
  return { reason: 'CertResolver', path: 'spec.tls.certResolver', about: resolver }
}

function hasOwnSecret({ route, settings }: Input): Finding | undefined {
  const own = route.spec.tls?.secretName
  if (own === undefined || namesOurSecret(route) || settings.routeNamesIssuer) return undefined
  return { reason: 'OwnSecret', path: 'spec.tls.secretName', about: own }
}

function hasUnreadableSetting({ settings }: Input): Finding | undefined {
  return settings.findings[0]
}

/** Of a TCP route, `tls` itself says that its entry points speak TLS. */
function hasNoTlsEntryPoint({ route, settings }: Input): Finding | undefined {
  if (route.kind === 'IngressRouteTCP') return undefined
  const entryPoints = effectiveEntryPoints(route, settings.cluster)
  if (entryPoints.some((name) => settings.cluster.tlsEntryPoints.includes(name))) return undefined
  return { reason: 'NoTlsEntryPoint', path: 'spec.entryPoints', about: entryPoints.join(', ') }
}

/** A pair that came with a copied manifest is the user's: it is never changed, and he should know. */
function copyFindings(route: Route): readonly Finding[] {
  if (!namesOurSecret(route) || isOurChoice(route)) return []
  return [{ reason: 'CopiedSecret', path: '', about: '' }]
}

function noHost({ kind }: Route): Finding {
  const matcher = kind === 'IngressRoute' ? 'Host(`shop.example.com`)' : 'HostSNI(`db.example.com`)'
  return { reason: 'NoHost', path: 'spec.routes', about: matcher }
}

function unmanaged(finding: Finding, more: readonly Finding[]): Verdict {
  return { kind: 'unmanaged', reason: finding.reason, findings: [finding, ...more] }
}
