import type { Operation } from 'fast-json-patch'
import { attachPatch } from '../../shared/route/attach-patch.ts'
import { attachmentFor } from '../../shared/route/attach.ts'
import {
  isForHosts,
  type Certificate,
  type IssuerRef,
} from '../../shared/certmanager/certificate.ts'
import {
  certificatesForHosts,
  certificatesForNamed,
  hostClaims,
  type DesiredCertificate,
  type ManagedRoute,
} from '../../shared/certificates/desired.ts'
import { primaryNames } from '../../shared/route/certifiable-hosts.ts'
import { decide, type Verdict } from '../../shared/route/decide.ts'
import { eachAlone } from '../../shared/json/each-alone.ts'
import { companionName } from '../../shared/names/names.ts'
import { wantsCompanion } from '../../shared/route/plain-http.ts'
import { isHeldElsewhere } from '../../shared/claims/claimant.ts'
import { withoutHeldNames } from '../../shared/certificates/contested.ts'
import type { DomainClaim } from '../../shared/claims/domain-claim.ts'
import { createHostHolders } from '../../shared/claims/host-holders.ts'
import { hostViolations, isOfHostCheck } from '../../shared/route/host-check.ts'
import { seenHosts } from '../../shared/route/seen-hosts.ts'
import { createSightings } from '../../shared/claims/sightings.ts'
import {
  isDenied,
  warns,
  wording,
  type Denials,
  type Finding,
  type Reason,
} from '../../shared/findings/reasons.ts'
import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { byAge, keyOf } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import { ALT_NAMES } from '../../shared/certmanager/annotations/spec-annotations.ts'
import {
  annotationPath,
  resolveSettings,
  limitsOf,
  type ClusterSettings,
  type NamespaceSettings,
  type Settings,
} from '../../shared/settings/settings.ts'
import { besideTcp, createTcpServices } from '../../shared/route/tcp-services.ts'
import { isRouteKind, parseRoute, type Route } from '../../shared/traefik/route.ts'
import { namespaceSettings } from '../gather/namespace-settings.ts'

/** What tlsauto would do to one route, as `plan -o json` prints it: an API. */
export type PlanItem = {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly verdict: Verdict['kind']
  /** Why it is left alone; null when it is managed. */
  readonly reason: Reason | null
  readonly certificates: readonly PlannedCertificate[]
  readonly patch: readonly Operation[]
  /** The route that would answer plain HTTP in its place; null: none. */
  readonly companion: string | null
  readonly warnings: readonly string[]
  /** Why the webhook would deny it; null when it would not. */
  readonly denial: string | null
}

/** What would happen to one route, as it is now, and everything there is to say about it. */
export type Plan = {
  readonly object: JsonObject
  readonly item: PlanItem
  readonly findings: readonly Finding[]
}

/** What of the cluster counts beside routes and namespaces. */
export type Stored = {
  readonly certificates: readonly Certificate[]
  readonly claims: readonly DomainClaim[]
}

/** A flag of the server that is not asked for here. */
const HOST_CLAIMS = 'warn'

export type PlannedCertificate = {
  readonly name: string
  readonly secretName: string
  readonly dnsNames: readonly string[]
  readonly issuerRef: IssuerRef
  /** Annotations of the Certificate, and further fields of its spec. */
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: JsonObject
}

/** What webhook and controller would do to these objects, in their order: the routes among them, with
 * the settings of the Namespaces among them, and the Certificates and DomainClaims that are there. Throws
 * when a route has not the shape of one; `passOver` is told of it instead, and of one that meets a bug, where there
 * is such. */
export function planRoutes(
  objects: readonly JsonObject[],
  cluster: ClusterSettings,
  stored: Stored = { certificates: [], claims: [] },
  passOver: PassOver = rethrow,
): readonly Plan[] {
  const none = (one: JsonObject, error: unknown): readonly [] => {
    passOver(one, error)
    return []
  }
  const namespaces = namespaceSettings(objects.filter((object) => object['kind'] === 'Namespace'))
  const routes = objects.filter((object) => isRouteKind(object['kind']))
  const decideOne = (object: JsonObject) => [decided(object, { cluster, namespaces })]
  const alone = eachAlone<JsonObject, readonly Decided[]>(routes, decideOne, none)
    .flat()
    .filter(({ route }) => !isOurs(route))
  const tcp = createTcpServices(cluster)
  for (const { route } of alone) tcp.put(route)
  const holders = createHostHolders()
  const sightings = createSightings()
  for (const [name, settings] of namespaces) holders.setNamespace(name, settings)
  for (const claim of stored.claims) holders.putClaim(claim)
  for (const { route } of alone) sightings.put(route, seenHosts(route))
  const isHeld = (host: string, namespace: string): boolean =>
    isHeldElsewhere({ host, namespace }, { holders, sightings })
  const planned = alone.map((one) => ({
    ...one,
    verdict: besideTcp(one.verdict, one.route, tcp.servedBy),
    violations: [...violationsOf(one, { isHeld, namespaces }), ...addedElsewhere(one, isHeld)],
  }))
  const existing = new Map(stored.certificates.map((one) => [keyOf(one), one]))
  const byNamespace = Map.groupBy(planned, ({ route }) => route.metadata.namespace)
  const certificates = new Map(
    Array.from(byNamespace, ([namespace, routes]) => [
      namespace,
      certificatesOf(routes, stored.certificates).flatMap((one) => {
        const known = existing.get(`${namespace}/${one.name}`)
        return withoutHeldNames(one, known, (host) => isHeld(host, namespace)) ?? []
      }),
    ]),
  )
  const plan = (one: Planned): readonly Plan[] => {
    const item = planItem(one, certificates.get(one.route.metadata.namespace) ?? [])
    return [{ object: one.object, item, findings: findingsOf(one) }]
  }
  return eachAlone(planned, plan, ({ object }, error) => none(object, error)).flat()
}

/** Told of an object that is left out of a plan, and why. */
export type PassOver = (object: JsonObject, error: unknown) => void

function rethrow(_object: JsonObject, error: unknown): never {
  throw error
}

/** The names that a route adds to its certificate, and that belong to another namespace. */
function addedElsewhere(
  { route, settings, verdict }: Decided,
  isHeld: (host: string, namespace: string) => boolean,
): readonly Finding[] {
  if (verdict.kind === 'unmanaged') return []
  return primaryNames(settings, verdict.hosts)
    .altNames.filter((name) => isHeld(name, route.metadata.namespace))
    .map((about) => ({ reason: 'HostHeldElsewhere', path: annotationPath(ALT_NAMES), about }))
}

/** What the host check says of a route: who holds a host in the cluster is not known to files. */
function violationsOf(
  { route, settings }: Decided,
  about: {
    readonly isHeld: (host: string, namespace: string) => boolean
    readonly namespaces: ReadonlyMap<string, NamespaceSettings>
  },
): readonly Finding[] {
  const { namespace } = route.metadata
  const known = about.namespaces.get(namespace)
  const violations = hostViolations(route, {
    ...denialsOf(settings),
    namespace,
    allowed: known && limitsOf(known),
    holderOf: (host) => (about.isHeld(host, namespace) ? 'another' : namespace),
  })
  return violations.map(({ finding }) => finding)
}

function denialsOf({ cluster }: Settings): Denials {
  return { hostClaims: HOST_CLAIMS, unboundedRules: cluster.unboundedRules }
}

/** A route, and what belongs to others of it. */
type Planned = Decided & { readonly violations: readonly Finding[] }

type Decided = {
  readonly object: JsonObject
  readonly route: Route
  readonly settings: Settings
  readonly verdict: Verdict
}

function decided(
  object: JsonObject,
  context: {
    readonly cluster: ClusterSettings
    readonly namespaces: ReadonlyMap<string, NamespaceSettings>
  },
): Decided {
  const route = parseRoute(object)
  if (route === undefined || route.metadata.name === '') {
    const name = textAt(objectAt(object, 'metadata'), 'name') ?? '(no name)'
    const kind = textAt(object, 'kind') ?? ''
    throw new Error(`${kind} ${name} needs apiVersion traefik.io/v1alpha1, a name and a spec`)
  }
  const settings = resolveSettings({
    cluster: context.cluster,
    namespace: context.namespaces.get(route.metadata.namespace),
    route: route.metadata.annotations,
  })
  return { object, route, settings, verdict: decide(route, settings) }
}

/** Objects of files as if they were stored: in files the order is the age, and no namespace is the
 * default one. */
export function asStored(objects: readonly JsonObject[]): readonly JsonObject[] {
  return objects.map((object, index) => {
    const metadata = objectAt(object, 'metadata')
    if (!isRouteKind(object['kind'])) return object
    const namespace = textAt(metadata, 'namespace') ?? 'default'
    const age = { creationTimestamp: String(index).padStart(12, '0'), uid: String(index) }
    return { ...object, metadata: { ...metadata, namespace, ...age } }
  })
}

function certificatesOf(
  routes: readonly Planned[],
  existing: readonly Certificate[],
): readonly DesiredCertificate[] {
  const managed = routes.flatMap(({ route, settings, verdict }): readonly ManagedRoute[] =>
    verdict.kind === 'unmanaged' ? [] : [{ route, settings, verdict }],
  )
  const namespace = routes[0]?.route.metadata.namespace
  const here = existing.filter((one) => one.metadata.namespace === namespace && isOurs(one))
  const isTaken = (certificate: string): boolean =>
    here.some(({ metadata }) => metadata.name === certificate) ||
    managed.some(({ verdict }) => verdict.named && verdict.secret === certificate)
  return [
    ...certificatesForHosts(
      hostClaims(managed, (host) => ofHost(host, here)),
      isTaken,
    ),
    ...certificatesForNamed(managed),
  ]
}

function ofHost(host: string, ours: readonly Certificate[]): Certificate | undefined {
  return ours
    .filter((one) => isForHosts(one) && one.spec.dnsNames.includes(host))
    .toSorted(byAge)[0]
}

function planItem(one: Planned, certificates: readonly DesiredCertificate[]): PlanItem {
  const { object, route, settings, verdict } = one
  const attachment = attachmentFor({ route, settings, verdict })
  const findings = findingsOf(one)
  const denied = findings.filter((finding) => isDenied(finding, denialsOf(settings)))
  return {
    kind: route.kind,
    namespace: route.metadata.namespace,
    name: route.metadata.name,
    verdict: verdict.kind,
    reason: verdict.kind === 'unmanaged' ? verdict.reason : null,
    certificates: certificates.filter(({ owners }) => owners.includes(route)).map(planned),
    patch: attachment === undefined ? [] : attachPatch(object, attachment),
    companion:
      attachment && wantsCompanion(route, settings) ? companionName(route.metadata.name) : null,
    warnings: findings
      .filter((finding) => warns(finding) && !denied.includes(finding))
      .map(wording),
    denial: denied.length === 0 ? null : denied.map(wording).join('; '),
  }
}

function findingsOf({ verdict, violations }: Planned): readonly Finding[] {
  return [...verdict.findings.filter((finding) => !isOfHostCheck(finding)), ...violations]
}

function planned(certificate: DesiredCertificate): PlannedCertificate {
  const { name, secretName, dnsNames, issuerRef, options } = certificate
  return { name, secretName, dnsNames, issuerRef, ...options }
}
