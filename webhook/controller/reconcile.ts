import { ownerUids } from '../../shared/certmanager/acme.ts'
import type { Certificate } from '../../shared/certmanager/certificate.ts'
import { withoutHeldNames } from '../../shared/certificates/contested.ts'
import {
  certificatesForHosts,
  certificatesForNamed,
  type DesiredCertificate,
  type HostStanding,
} from '../../shared/certificates/desired.ts'
import { objectAt, type JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { printable } from '../../shared/findings/reasons.ts'
import { isStatus, KubeError } from '../../shared/kube/kube-error.ts'
import { certificatesOfSecret, companionName } from '../../shared/names/names.ts'
import { isOurs } from '../../shared/kube/ours.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import type { Route } from '../../shared/traefik/route.ts'
import { routeResource } from '../../shared/traefik/route-resource.ts'
import type { Logger } from '../runtime/logger.ts'
import type { ClaimKeeper } from './claim-keeper.ts'
import type { ClusterIndex } from './index/cluster-index.ts'
import { planningRoute, type RouteInput } from './plan/plan-route.ts'
import { takeAtOnce, takeSteps, type Slices } from '../runtime/slices.ts'
import { ownersIn, type Action, type Observed } from './plan/action.ts'
import { planLeftover } from './plan/plan-leftover.ts'
import { planCertificate } from './plan/plan-certificate.ts'
import type { OwnerCheck } from './owner-check.ts'
import type { Recorder } from '../runtime/event-recorder.ts'
import type { WriteGate } from './limits/write-gate.ts'

export type ReconcileInput = {
  readonly client: KubeClient
  readonly index: ClusterIndex
  readonly owners: OwnerCheck
  readonly claims: ClaimKeeper
  readonly recorder: Recorder
  readonly writes: WriteGate
  readonly logger: Logger
  readonly slices?: Slices
}

/** Brings the Certificate of that key (`namespace/name`) to where it should be, and those that share
 * hosts with it; their hosts are claimed first, and one whose namespace has no room for a claim is left out.
 * Compares what should be with what is: nothing is done where they agree, nor in a namespace that is not known
 * yet (its settings count) or is being deleted. Gives false where there is still something to claim: one turn has
 * time for a few. */
export async function reconcileCertificate(input: ReconcileInput, key: string): Promise<boolean> {
  const { index, claims } = input
  let desired = desiredAround(index, key)
  const unclaimed = hostsToClaim(index, key, desired)
  if (unclaimed.length > 0) {
    await Promise.all(unclaimed.slice(0, CLAIMS_A_TURN).map(claims.keep))
    desired = desiredAround(index, key)
    if (hostsToClaim(index, key, desired).some((host) => hasRoom(index, host))) return false
  }
  for (const action of actionsFor(index, key, desired)) await act(input, action)
  return true
}

/** Other namespaces have their turns in between. */
const CLAIMS_A_TURN = 8

/** The hosts of the Certificates around a key that are their namespace's as soon as they are claimed, also where
 * there is no room: that is told. */
function hostsToClaim(
  index: ClusterIndex,
  key: string,
  desired: readonly DesiredCertificate[],
): readonly string[] {
  const namespace = key.slice(0, key.indexOf('/'))
  const names = desired.flatMap(({ dnsNames }) => dnsNames)
  return names.filter((host) => index.claimState(host).claimant?.namespace === namespace)
}

function hasRoom(index: ClusterIndex, host: string): boolean {
  return index.claimState(host).room > 0
}

/** What brings that Certificate there. */
export function certificateActions(index: ClusterIndex, key: string): readonly Action[] {
  return actionsFor(index, key, desiredAround(index, key))
}

function actionsFor(
  index: ClusterIndex,
  key: string,
  around: readonly DesiredCertificate[],
): readonly Action[] {
  const [namespace = '', name = ''] = key.split('/')
  if (index.namespace(namespace) === undefined) return []
  const observed: Observed = {
    certificate: (name) => index.certificate(`${namespace}/${name}`),
    route: (at) => index.route(`${at.kind} ${namespace}/${at.name}`)?.route,
    verdict: (at) => index.verdict(`${at.kind} ${namespace}/${at.name}`),
    hasGuests: index.hasGuests,
  }
  const desired = around.flatMap((one) => withoutLimited(one, index, namespace))
  const actions = desired.flatMap((certificate) => planCertificate(certificate, observed))
  const wanted = new Set(desired.map((certificate) => `${namespace}/${certificate.name}`))
  const removals = wanted.has(key) ? [] : planLeftover(name, observed)
  return [...actions, ...removals]
}

/** Brings the stored route of that key (`Kind namespace/name`) to where it should be, with its
 * companion. What is older than tlsauto here is left alone. */
export async function reconcileRoute(input: ReconcileInput, key: string): Promise<void> {
  const { index, slices } = input
  const gathered = gatherRoute(index, key)
  if (gathered === undefined) return
  await slices?.rest()
  const claims: HostStanding[] = []
  // Of thousands of hosts: what changes meanwhile brings the route here again, and makes its writes fail.
  for (const standing of gathered.standings) {
    claims.push(standing)
    await slices?.rest()
  }
  const actions = await takeSteps(slices, planningRoute({ ...gathered, claims }))
  for (const action of actions) await act(input, action)
}

/** What brings that route there. */
export function routeActions(index: ClusterIndex, key: string): readonly Action[] {
  const gathered = gatherRoute(index, key)
  if (gathered === undefined) return []
  return takeAtOnce(planningRoute({ ...gathered, claims: [...gathered.standings] }))
}

type GatheredRoute = Omit<RouteInput, 'claims'> & { readonly standings: Iterable<HostStanding> }

/** All there is of a route; undefined: it is not to be touched. */
function gatherRoute(index: ClusterIndex, key: string): GatheredRoute | undefined {
  const entry = index.route(key)
  const verdict = index.verdict(key)
  if (entry === undefined || verdict === undefined || index.isOld(key)) return undefined
  const { route, settings } = entry
  const { namespace, name } = route.metadata
  if (index.namespace(namespace) === undefined) return undefined
  const ofNamespace = (ingressRoute: string): Route | undefined =>
    index.route(`IngressRoute ${namespace}/${ingressRoute}`)?.route
  const companion = companionName(name)
  return {
    route,
    settings,
    verdict,
    standings: verdict.kind === 'managed' ? index.standingsOf(entry) : [],
    companion: {
      route: ofNamespace(companion),
      middleware: index.middleware(`${namespace}/${companion}`),
    },
    isHeldElsewhere: (host) => index.isHeldElsewhere(host, namespace),
    isOurSecret: (secretName) =>
      certificatesOfSecret(secretName)
        .flatMap((certificate) => index.certificate(`${namespace}/${certificate}`) ?? [])
        .some((one) => one.spec.secretName === secretName && isOursOf(one, route)),
    isCarried: index.isCarried,
  }
}

function isOursOf(certificate: Certificate, { metadata }: Route): boolean {
  return isOurs(certificate) && ownerUids(certificate).includes(metadata.uid)
}

/** What should be around a key; nothing in a namespace that is not known. */
function desiredAround(index: ClusterIndex, key: string): readonly DesiredCertificate[] {
  const [namespace = '', name = ''] = key.split('/')
  if (index.namespace(namespace) === undefined) return []
  const claims = index.claimsAround(key)
  // Of hosts that share the Certificate until they have their own: that is decided about under its name.
  const others = new Set(
    claims.flatMap(({ existing, former }) => [existing?.metadata.name, former?.metadata.name]),
  )
  others.delete(name)
  const desired = [
    ...certificatesForHosts(claims, (other, claim) =>
      index.isTaken(`${namespace}/${other}`, claim),
    ).filter((one) => !others.has(one.name)),
    ...certificatesForNamed(index.namedRoutes(key)),
  ]
  return desired.flatMap((one) => {
    const existing = index.certificate(`${namespace}/${one.name}`)
    const isHeldElsewhere = (host: string): boolean => index.isHeldElsewhere(host, namespace)
    return withoutHeldNames(one, existing, isHeldElsewhere) ?? []
  })
}

/** Claim before Certificate: a name that can't be claimed is not added. One that the Certificate has stays. */
function withoutLimited(
  desired: DesiredCertificate,
  index: ClusterIndex,
  namespace: string,
): readonly DesiredCertificate[] {
  const existing = index.certificate(`${namespace}/${desired.name}`)
  const had = new Set(existing !== undefined && isOurs(existing) ? existing.spec.dnsNames : [])
  const isLeftOut = (host: string): boolean =>
    !had.has(host) && index.isClaimLimited(host, namespace)
  const left = withoutHeldNames(desired, existing, isLeftOut)
  return left === undefined ? [] : [left]
}

/** What is new must not become part of an object that somebody made meanwhile, of which we have heard nothing:
 * with a version that no object has, the API server makes one (facts: Kubernetes 1.36), or refuses with 409. */
function objectOf({ object, force }: Extract<Action, { kind: 'apply' }>): JsonObject {
  if (force) return object
  return { ...object, metadata: { ...objectAt(object, 'metadata'), resourceVersion: NO_VERSION } }
}

const NO_VERSION = '1'

/** One action, once it may be done: it throws a Deferred where it has to wait, and all that comes after it. */
async function act(input: ReconcileInput, action: Action): Promise<void> {
  await input.writes.pass(action, input.recorder, async () => carryOut(input, action))
}

async function carryOut(input: ReconcileInput, action: Action): Promise<void> {
  const { client, owners, recorder, logger } = input
  switch (action.kind) {
    case 'apply': {
      await owners.confirm(action.resource, action.object)
      await client
        .apply(RESOURCES[action.resource], objectOf(action), { force: action.force })
        .catch(refused(action, recorder))
      logger.info({ apply: action.object['metadata'] }, `${action.resource} applied`)
      return
    }
    case 'delete': {
      const { namespace, name, preconditions } = action
      try {
        await client.delete(
          { resource: RESOURCES[action.resource], namespace, name },
          preconditions,
        )
      } catch (error) {
        if (isStatus(error, 404)) return
        throw error
      }
      logger.info({ namespace, name }, `${action.resource} deleted`)
      return
    }
    case 'patch': {
      const { kind, metadata } = action.route
      const { namespace, name } = metadata
      await client.mergePatch({ resource: routeResource(kind), namespace, name }, action.patch)
      logger.info({ namespace, name, patch: action.patch }, `${kind} patched`)
      return
    }
    case 'disown': {
      const { namespace, name, resourceVersion } = action.certificate
      const at = { resource: RESOURCES.certificates, namespace, name }
      await client.mergePatch(at, { metadata: { resourceVersion, ownerReferences: null } })
      logger.info({ namespace, name }, 'certificates disowned')
      return
    }
    case 'event': {
      recorder.record(action.note)
      return
    }
    default:
      action satisfies never
  }
}

/** A quota or a policy says no to a Certificate: its routes' owners hear it in the API server's words. */
function refused(
  action: Extract<Action, { kind: 'apply' }>,
  recorder: Recorder,
): (error: unknown) => never {
  return (error) => {
    if (action.resource === 'certificates' && isRefusal(error)) {
      for (const on of ownersIn(action)) {
        recorder.record({ on, reason: 'CertificateRefused', about: printable(error.message) })
      }
    }
    throw error
  }
}

const REFUSALS: ReadonlySet<number> = new Set([400, 403, 406, 413, 422])

function isRefusal(error: unknown): error is KubeError {
  return error instanceof KubeError && REFUSALS.has(error.status)
}
