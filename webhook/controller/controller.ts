import { parseCertificate } from '../../shared/certmanager/certificate.ts'
import { parseDomainClaim } from '../../shared/claims/domain-claim.ts'
import type { HostClaims } from '../../shared/findings/reasons.ts'
import { NONE, type JsonObject } from '../../shared/json/json.ts'
import { INSTALLATION } from '../../shared/kube/installation.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { ownerReference, parseMeta, type KubeObject } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { parseIngress } from '../../shared/route/seen-hosts.ts'
import type { Sighting } from '../../shared/claims/sightings.ts'
import { parseRoute } from '../../shared/traefik/route.ts'
import type { OnFault } from '../runtime/faults.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { runBackfill } from './backfill.ts'
import { createCertificateLimits } from './limits/certificate-limits.ts'
import { addEntry, addRoute, addClaim, createHandlers, type Adding } from './change-handlers.ts'
import { createClaimKeeper } from './claim-keeper.ts'
import { createClaimTurns } from './limits/claim-turns.ts'
import type { ClusterIndex } from './index/cluster-index.ts'
import type { EventNote } from '../runtime/event-notes.ts'
import { createHostAudit } from './host-audit.ts'
import { reconcileCertificate, reconcileRoute, type ReconcileInput } from './reconcile.ts'
import { measureHosts } from './host-metrics.ts'
import { parseMiddleware } from './plan/redirect-middleware.ts'
import { createOwnerCheck } from './owner-check.ts'
import { createRecorder, onFirstLook } from '../runtime/event-recorder.ts'
import { runReflector, type Pace, type ReflectorInput } from '../runtime/reflector.ts'
import { createSettling } from './settling.ts'
import {
  createSlices,
  createSpread,
  inSlices,
  takeSteps,
  type Slices,
  type Steps,
} from '../runtime/slices.ts'
import { createIngressMemory, createRouteMemory, type Memory } from './index/route-memory.ts'
import { Deferred, startWorkqueue } from '../runtime/workqueue.ts'
import { createWriteGate } from './limits/write-gate.ts'

export type ControllerInput = {
  readonly client: KubeClient
  readonly index: ClusterIndex
  /** How many routes from before tlsauto are taken on, an hour. */
  readonly backfill: number
  /** How many Certificates are made for a namespace, an hour; 0: no limit. */
  readonly maxCertificates: number
  /** How many DomainClaims a namespace may have, to be told; 0: no limit. */
  readonly maxClaims: number
  /** Seconds that a claim outlives the last that names its host. */
  readonly claimGrace: number
  readonly hostClaims: HostClaims
  readonly pace: Pace
  readonly metrics: Metrics
  readonly onFault: OnFault
  readonly logger: Logger
  readonly signal: AbortSignal
}

export type Controller = {
  /** Only the leader writes; a new leader looks at everything once. */
  setLeading(leading: boolean): void
  /** Whether every first list is in: until then the index knows some routes and not others. */
  readonly isSynced: () => boolean
  /** Sets the metrics that are counted only when they are asked for. */
  readonly measure: () => Promise<void>
  /** Settles when the signal has ended all of it. */
  readonly done: Promise<void>
}

const WORKERS = 8
const CERTIFICATE = 'Certificate '
const CLAIM = 'DomainClaim '
/** All hosts of a namespace that stayed unclaimed. */
const CLAIMS = 'DomainClaims '
/** What goes for so long is gone: `kubectl replace --force`, or a restore, puts it back sooner. */
const SETTLE_MS = 10_000
/** When nothing has been done for so long, Events are written. */
const QUIET_MS = 200
/** Routes of two kinds, Ingresses, Certificates, Middlewares, DomainClaims, namespaces, and our webhook
 * configuration. */
const REFLECTORS = 8

/** What follows from a list that fails before it was ever in, and what to do about it. */
const UNLISTED: Readonly<Record<string, string>> = {
  403: ': nothing is written until they are; apply the roles of this version’s manifest',
  404: ': nothing is written until they are; apply this version’s manifest',
}

/** Starts the reflectors that fill the index and the queue whose workers reconcile. Keys of work are
 * `Kind namespace/name`. */
export function startController(input: ControllerInput): Controller {
  const { client, index, logger, metrics, onFault, pace, signal, backfill: rate } = input
  let leading = false
  let unsynced = REFLECTORS
  const isSynced = (): boolean => unsynced === 0
  const active = (): boolean => leading && isSynced()
  const firstLooks = new Set<string>()
  const slices = createSlices()

  const work = async (key: string): Promise<void> => {
    if (!active() || settling.holds(namespaceOf(key), key)) return
    const isFirst = firstLooks.delete(key)
    const look = isFirst ? { ...reconcileInput, recorder: onFirstLook(recorder) } : reconcileInput
    const end = metrics.reconciles.startTimer({ kind: key.slice(0, key.indexOf(' ')) })
    try {
      await reconcile(look, key)
      end({ result: 'done' })
    } catch (error) {
      end({ result: error instanceof Deferred ? 'deferred' : 'failed' })
      throw error
    }
  }
  const reconcile = async (look: ReconcileInput, key: string): Promise<void> => {
    if (key.startsWith(CERTIFICATE)) {
      const isDone = await reconcileCertificate(look, key.slice(CERTIFICATE.length))
      if (!isDone) queue.add(key)
    } else if (key.startsWith(CLAIM)) {
      const milliseconds = await claims.keep(key.slice(key.indexOf('/') + 1))
      if (milliseconds !== undefined) queue.addAfter(key, milliseconds)
    } else if (key.startsWith(CLAIMS)) await lookAtClaims(namespaceOf(key))
    else {
      try {
        await reconcileRoute(look, key)
      } finally {
        await slices.rest()
        audit.look(key)
      }
    }
  }
  const queue = startWorkqueue({
    workers: WORKERS,
    groupOf: namespaceOf,
    slices,
    work,
    onFailure: logFailure(logger),
  })
  signal.addEventListener('abort', queue.stop)
  // Certificates come first, and what a burst of routes leaves of the API server is theirs.
  const isBusy = (): boolean => queue.idleFor() < QUIET_MS
  const onDropped = (): void => metrics.eventsDropped.inc()
  const recorder = createRecorder({ client, logger, isBusy, onDropped })
  const audit = createHostAudit({ index, hostClaims: input.hostClaims, recorder })
  const owners = createOwnerCheck(client)
  const limits = createCertificateLimits(input.maxCertificates)
  const writes = createWriteGate({
    client,
    index,
    limits,
    most: input.maxCertificates,
    logger,
    onDeferred: (because) => metrics.writesDeferred.inc({ because }),
  })
  const graceMs = input.claimGrace * 1000
  const claimTurns = createClaimTurns((namespace, milliseconds) =>
    queue.addAfter(`${CLAIMS}${namespace}/`, milliseconds),
  )
  const lookAtClaims = async (namespace: string): Promise<void> => {
    claimTurns.begin(namespace)
    await inSlices(slices, index.places(), (one) => {
      if (one.namespace === namespace) addClaimNow(one.host)
    })
  }
  /** Tells the owners of the routes that name a host in its namespace. */
  const tellThatNaming = (
    { host, namespace }: Sighting,
    reason: EventNote['reason'],
    about: string,
  ): void => {
    const keys = index.keysNaming(host).filter((key) => namespaceOf(key) === namespace)
    for (const { route } of keys.flatMap((key) => index.route(key) ?? [])) {
      recorder.record({ on: { ...ownerReference(route), namespace }, reason, about })
    }
  }
  const claims = createClaimKeeper({
    client,
    index,
    graceMs,
    onChange: (host) => {
      const holder = index.holderOf(host)
      const keys = index.routeKeysAt(host)
      const others = keys.filter((key) => namespaceOf(key) !== holder)
      // Its own wait for it where it was to stay unclaimed, or to be another's.
      const isAwaited = others.length > 0 || claimTurns.isLate(holder ?? '')
      for (const key of isAwaited ? keys : others) routesSoon.add(key)
    },
    onLimited: (sighting) => {
      claimTurns.limited(sighting.namespace)
      tellThatNaming(sighting, 'ClaimLimited', String(input.maxClaims))
    },
    onNameTaken: (sighting, name) => tellThatNaming(sighting, 'ClaimNameTaken', name),
    logger,
  })
  const reconcileInput = { client, index, owners, claims, recorder, writes, logger, slices }

  const addFirst = (key: string): void => {
    firstLooks.add(key)
    queue.add(key)
  }
  const queueFault = (key: string, error: unknown): void => onFault('queue', key, error)
  const alone = (stepsOf: (key: string) => Steps) =>
    function* stepsAlone(key: string): Steps {
      try {
        yield* stepsOf(key)
      } catch (error) {
        queueFault(key, error)
      }
    }
  const adding = addingTo({ index, slices, alone }, queue.add)
  const addingFirst = addingTo({ index, slices, alone }, addFirst)
  const addOne = alone((key) => addRoute(adding, key))
  const routesSoon = createSpread(slices, addOne)
  const settling = createSettling({ index, addRoute: addOne, add: queue.add, slices })
  const addLater = (key: string): void => queue.addAfter(key, Math.min(SETTLE_MS, graceMs))
  const addClaimNow = (host: string): void => addClaim({ ...adding, addLater: queue.add }, host)
  const claimsSoon = createSpread(
    slices,
    // oxlint-disable-next-line require-yield -- one step is enough
    alone(function* claimSteps(host) {
      addClaim({ ...adding, addLater }, host)
    }),
  )
  // In slices: reviews are answered in between.
  const addAll = async (): Promise<void> => {
    // Claims first: what was noted before there were DomainClaims is known to this process alone.
    await inSlices(slices, [...index.allHosts()], (host) => {
      if (active()) addClaimNow(host)
    })
    const addOneFirst = alone((key) => addRoute(addingFirst, key))
    for (const key of index.routeKeysByAge()) {
      if (active()) await takeSteps(slices, addOneFirst(key))
      await slices.rest()
    }
    await inSlices(slices, index.certificateKeys(), (key) => {
      if (active()) addFirst(`${CERTIFICATE}${key}`)
    })
  }
  const begin = (): void => {
    if (active()) limits.begin(index.certificates(), Date.now())
    void addAll()
  }
  const onSynced = (): void => {
    unsynced -= 1
    if (isSynced()) index.beginOrder()
    begin()
  }
  const handlers = createHandlers({
    ...adding,
    addRouteSoon: routesSoon.add,
    addClaimSoon: claimsSoon.add,
    settle: (namespace) => void settling.settle(namespace),
    claimGone: claimTurns.gone,
    lookAtClaims: (namespace) => queue.addAfter(`${CLAIMS}${namespace}/`, SETTLE_MS),
    addAll: () => void addAll(),
    recorder,
    owners,
    active,
  })

  const common = { client, pace, slices, logger, signal }
  const {
    namespaces,
    ingressRoutes,
    ingressRouteTCPs,
    certificates,
    middlewares,
    mutatingWebhooks,
  } = RESOURCES
  const { domainClaims, ingresses } = RESOURCES
  const { onNamespace, onRoute, onCertificate, onConfiguration, onMiddleware } = handlers
  const fieldSelector = `metadata.name=${INSTALLATION.webhooks}`
  const configuration = { resource: mutatingWebhooks, fieldSelector, parse: parseObject }
  const reflect = async <T extends KubeObject>(
    one: Pick<ReflectorInput<T>, 'resource' | 'parse' | 'onChange'> &
      Partial<Pick<ReflectorInput<T>, 'fieldSelector' | 'labelSelector'>>,
  ): Promise<void> => {
    const { kind } = one.resource
    let isListed = false
    let told = ''
    metrics.listed.set({ kind }, 0)
    return runReflector({
      ...common,
      ...one,
      onFault,
      onInterrupted: (cause) => {
        metrics.watchRestarts.inc({ kind, cause })
        if (isListed || told === cause) return
        told = cause
        logger.error({ kind, cause }, `${pluralOf(kind)} can't be listed${UNLISTED[cause] ?? ''}`)
      },
      onSynced: () => {
        isListed = true
        metrics.listed.set({ kind }, 1)
        onSynced()
      },
    })
  }
  const reflectors = [
    reflect({ ...configuration, onChange: onConfiguration }),
    reflect({ resource: namespaces, parse: parseObject, onChange: onNamespace }),
    reflect({ resource: ingressRoutes, ...kept(parseRoute, createRouteMemory(), onRoute) }),
    reflect({ resource: ingressRouteTCPs, ...kept(parseRoute, createRouteMemory(), onRoute) }),
    reflect({
      resource: ingresses,
      ...kept(parseIngress, createIngressMemory(), handlers.onIngress),
    }),
    reflect({ resource: domainClaims, parse: parseDomainClaim, onChange: handlers.onClaim }),
    reflect({
      resource: middlewares,
      parse: parseMiddleware,
      onChange: onMiddleware,
    }),
    reflect({
      resource: certificates,
      parse: parseCertificate,
      onChange: onCertificate,
    }),
  ]
  const countLimited = async (): Promise<number> => {
    const full = new Set(claimTurns.namespaces())
    let count = 0
    await inSlices(slices, full.size === 0 ? [] : index.places(), ({ host, namespace }) => {
      if (full.has(namespace) && index.isClaimLimited(host, namespace)) count += 1
    })
    return count
  }
  const add = routesSoon.add
  const backfills = rate > 0 ? [runBackfill({ index, rate, add, active, logger, signal })] : []
  return {
    isSynced,
    setLeading: (now) => {
      leading = now
      metrics.leading.set(now ? 1 : 0)
      if (!now) {
        audit.forget()
        claimTurns.forget()
      }
      begin()
    },
    measure: async () => {
      metrics.queueDepth.set(queue.size())
      await measureHosts(index.certificates(), { metrics, onFault, slices, now: new Date() })
      metrics.hostViolations.reset()
      for (const [reason, count] of audit.counts()) metrics.hostViolations.set({ reason }, count)
      metrics.certificatesWaiting.set(limits.size(Date.now()))
      metrics.claimsWaiting.set(await countLimited())
    },
    done: Promise.all([...reflectors, ...backfills]).then(recorder.finish),
  }
}

function addingTo(
  {
    index,
    slices,
    alone,
  }: {
    readonly index: ClusterIndex
    readonly slices: Slices
    readonly alone: (stepsOf: (key: string) => Steps) => (key: string) => Steps
  },
  add: (key: string) => void,
): Adding {
  const soon = createSpread(
    slices,
    alone((key) => addEntry(adding, key)),
  )
  const adding: Adding = { index, add, addEntrySoon: soon.add }
  return adding
}

/** Objects as they may be kept: see `route-memory.ts`. */
function kept<T extends KubeObject>(
  parse: ReflectorInput<T>['parse'],
  memory: Memory<T>,
  onChange: ReflectorInput<T>['onChange'],
): Pick<ReflectorInput<T>, 'parse' | 'onChange'> {
  return {
    parse: (json) => {
      const object = parse(json)
      return object && memory.fit(object)
    },
    onChange: (change) => {
      if (change.kind === 'deleted') memory.forget(change.object)
      return onChange(change)
    },
  }
}

/** The namespace in a key of work. */
function namespaceOf(key: string): string {
  return key.slice(key.indexOf(' ') + 1, key.indexOf('/'))
}

/** Of a Namespace, or a webhook configuration, metadata is all that is read. */
function parseObject(value: JsonObject): KubeObject | undefined {
  const metadata = parseMeta(value['metadata'])
  if (metadata === undefined) return undefined
  return { apiVersion: 'v1', kind: '', metadata: { ...metadata, managedFields: NONE } }
}

function logFailure(logger: Logger): (key: string, error: unknown, retryInMs: number) => void {
  return (key, error, retryInMs) => {
    // Someone else's write came first: looked at again, no fault.
    const level = isStatus(error, 409) ? 'debug' : 'warn'
    logger[level]({ error, key, retryInMs }, 'reconcile failed')
  }
}

function pluralOf(kind: string): string {
  return kind.endsWith('s') ? `${kind}es` : `${kind}s`
}
