import type { HostClaims } from '../../shared/findings/reasons.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { createRecorder, onFirstLook, type Recorder } from '../runtime/event-recorder.ts'
import type { OnFault } from '../runtime/faults.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { Pace } from '../runtime/reflector.ts'
import { createSlices, type Slices } from '../runtime/slices.ts'
import { Deferred, startWorkqueue, type Workqueue } from '../runtime/workqueue.ts'
import { runBackfill } from './backfill.ts'
import { createHandlers } from './change-handlers.ts'
import { createClaimWork, type ClaimWork } from './claim-work.ts'
import { createHostAudit, type HostAudit } from './host-audit.ts'
import { measureHosts } from './host-metrics.ts'
import type { ClusterIndex } from './index/cluster-index.ts'
import { createCertificateLimits, type CertificateLimits } from './limits/certificate-limits.ts'
import { createWriteGate } from './limits/write-gate.ts'
import { createOwnerCheck, type OwnerCheck } from './owner-check.ts'
import { reconcileCertificate, reconcileRoute, type ReconcileInput } from './reconcile.ts'
import { REFLECTORS, startReflectors } from './reflectors.ts'
import { createSettling, type Settling } from './settling.ts'
import { createWorkAdder, SETTLE_MS, type WorkAdder } from './work-adder.ts'
import { CERTIFICATE, CLAIM, CLAIMS, namespaceOf } from './work-keys.ts'

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
/** When nothing has been done for so long, Events are written. */
const QUIET_MS = 200

/** Starts the reflectors that fill the index and the queue whose workers reconcile. */
export function startController(input: ControllerInput): Controller {
  const { index, metrics } = input
  let leading = false
  let unsynced = REFLECTORS
  const isSynced = (): boolean => unsynced === 0
  const active = (): boolean => leading && isSynced()
  const parts = partsOf(input, active)
  const begin = (): void => {
    if (active()) parts.limits.begin(index.certificates(), Date.now())
    void parts.adder.addAll()
  }
  const onSynced = (): void => {
    unsynced -= 1
    if (isSynced()) index.beginOrder()
    begin()
  }
  const handlers = handlersOf(parts)
  const reflectors = startReflectors({ ...input, slices: parts.slices, handlers, onSynced })
  const { backfill: rate, logger, signal } = input
  const add = parts.adder.addRouteSoon
  const backfills = rate > 0 ? [runBackfill({ index, rate, add, active, logger, signal })] : []
  return {
    isSynced,
    setLeading: (now) => {
      leading = now
      metrics.leading.set(now ? 1 : 0)
      if (!now) {
        parts.audit.forget()
        parts.claims.turns.forget()
      }
      begin()
    },
    measure: async () => measure(parts),
    done: Promise.all([...reflectors, ...backfills]).then(parts.recorder.finish),
  }
}

/** What the controller is made of. */
type Parts = Pick<ControllerInput, 'index' | 'metrics' | 'onFault'> & {
  readonly active: () => boolean
  readonly slices: Slices
  readonly queue: Workqueue
  readonly recorder: Recorder
  readonly audit: HostAudit
  readonly owners: OwnerCheck
  readonly limits: CertificateLimits
  readonly adder: WorkAdder
  readonly claims: ClaimWork
  readonly settling: Settling
  readonly reconcileInput: ReconcileInput
}

function partsOf(input: ControllerInput, active: () => boolean): Parts {
  const { client, index, logger, metrics, onFault } = input
  const slices = createSlices()
  const graceMs = input.claimGrace * 1000
  const queue = startWorkqueue({
    workers: WORKERS,
    groupOf: namespaceOf,
    slices,
    work: async (key) => work(parts, key),
    onFailure: logFailure(logger),
  })
  input.signal.addEventListener('abort', queue.stop)
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
  const adder = createWorkAdder({ index, queue, slices, active, graceMs, onFault })
  const claims = createClaimWork({ ...input, adder, queue, recorder, slices, graceMs })
  const settling = createSettling({ index, addRoute: adder.addRoute, add: queue.add, slices })
  const reconcileInput = { client, index, owners, claims, recorder, writes, logger, slices }
  const common = { index, metrics, onFault, active, slices, queue, recorder, audit, owners }
  const parts: Parts = { ...common, limits, adder, claims, settling, reconcileInput }
  return parts
}

/** The work of a key, which one worker does at a time. */
async function work(parts: Parts, key: string): Promise<void> {
  const { active, adder, metrics, reconcileInput, recorder, settling } = parts
  if (!active() || settling.holds(namespaceOf(key), key)) return
  const isFirst = adder.takeFirst(key)
  const look = isFirst ? { ...reconcileInput, recorder: onFirstLook(recorder) } : reconcileInput
  const end = metrics.reconciles.startTimer({ kind: key.slice(0, key.indexOf(' ')) })
  try {
    await reconcile(parts, look, key)
    end({ result: 'done' })
  } catch (error) {
    end({ result: error instanceof Deferred ? 'deferred' : 'failed' })
    throw error
  }
}

async function reconcile(parts: Parts, look: ReconcileInput, key: string): Promise<void> {
  const { audit, claims, queue, slices } = parts
  if (key.startsWith(CERTIFICATE)) {
    const isDone = await reconcileCertificate(look, key.slice(CERTIFICATE.length))
    if (!isDone) queue.add(key)
  } else if (key.startsWith(CLAIM)) {
    const milliseconds = await claims.keep(key.slice(key.indexOf('/') + 1))
    if (milliseconds !== undefined) queue.addAfter(key, milliseconds)
  } else if (key.startsWith(CLAIMS)) await claims.look(namespaceOf(key))
  else {
    try {
      await reconcileRoute(look, key)
    } finally {
      await slices.rest()
      audit.look(key)
    }
  }
}

function handlersOf(parts: Parts): ReturnType<typeof createHandlers> {
  const { index, adder, claims, queue, settling, recorder, owners, active } = parts
  return createHandlers({
    ...adder,
    index,
    settle: (namespace) => void settling.settle(namespace),
    claimGone: claims.turns.gone,
    lookAtClaims: (namespace) => queue.addAfter(`${CLAIMS}${namespace}/`, SETTLE_MS),
    addAll: () => void adder.addAll(),
    recorder,
    owners,
    active,
  })
}

async function measure(parts: Parts): Promise<void> {
  const { index, metrics, onFault, slices, queue, audit, limits, claims } = parts
  metrics.queueDepth.set(queue.size())
  await measureHosts(index.certificates(), { metrics, onFault, slices, now: new Date() })
  metrics.hostViolations.reset()
  for (const [reason, count] of audit.counts()) metrics.hostViolations.set({ reason }, count)
  metrics.certificatesWaiting.set(limits.size(Date.now()))
  metrics.claimsWaiting.set(await claims.countLimited())
}

function logFailure(logger: Logger): (key: string, error: unknown, retryInMs: number) => void {
  return (key, error, retryInMs) => {
    // Someone else's write came first: looked at again, no fault.
    const level = isStatus(error, 409) ? 'debug' : 'warn'
    logger[level]({ error, key, retryInMs }, 'reconcile failed')
  }
}
