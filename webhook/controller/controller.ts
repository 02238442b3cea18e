import { parseCertificate, type Certificate } from '../../shared/certmanager/certificate.ts'
import { warns } from '../../shared/findings/reasons.ts'
import type { JsonObject } from '../../shared/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { isStatus } from '../../shared/kube/kube-error.ts'
import { ownerReference, parseMeta, type KubeObject } from '../../shared/kube/object.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { parseIngressRoute, type IngressRoute } from '../../shared/traefik/ingressroute.ts'
import type { Logger } from '../logger.ts'
import { CONFIGURATION_NAME } from '../webhook-configurations.ts'
import { certificateNotes } from './certificate-notes.ts'
import type { ClusterIndex, IndexedRoute } from './cluster-index.ts'
import { reconcileCertificate, reconcileRoute } from './reconcile.ts'
import { createRecorder, onFirstLook } from './recorder.ts'
import { runReflector, type Change } from './reflector.ts'
import { startWorkqueue, type Workqueue } from './workqueue.ts'

export type ControllerInput = {
  readonly client: KubeClient
  readonly index: ClusterIndex
  readonly logger: Logger
  readonly signal: AbortSignal
}

export type Controller = {
  /** Only the leader writes; a new leader looks at everything once. */
  setLeading(leading: boolean): void
  /** Settles when the signal has ended all of it. */
  readonly done: Promise<void>
}

const WORKERS = 8

/** Starts the reflectors that fill the index and the queue whose workers reconcile. Keys of work are
 * `route namespace/name` and `certificate namespace/name`. */
export function startController(input: ControllerInput): Controller {
  const { client, index, logger, signal } = input
  const recorder = createRecorder(client, logger)
  let leading = false
  let unsynced = 4
  const active = (): boolean => leading && unsynced === 0
  const reconcileInput = { client, index, recorder, logger }
  const firstLooks = new Set<string>()

  const work = async (key: string): Promise<void> => {
    if (!active()) return
    const [kind = '', object = ''] = key.split(' ')
    const reconcile = kind === 'route' ? reconcileRoute : reconcileCertificate
    const isFirst = firstLooks.delete(key)
    await reconcile(
      isFirst ? { ...reconcileInput, recorder: onFirstLook(recorder) } : reconcileInput,
      object,
    )
  }
  const queue = startWorkqueue({ workers: WORKERS, work, onFailure: logFailure(logger) })
  signal.addEventListener('abort', queue.stop)

  const add = (key: string): void => {
    firstLooks.add(key)
    queue.add(key)
  }
  const enqueueAll = (): void => {
    if (!active()) return
    for (const key of index.routeKeys()) enqueueRoute({ add }, index, key)
    for (const key of index.certificateKeys()) add(`certificate ${key}`)
  }
  const onSynced = (): void => {
    unsynced -= 1
    enqueueAll()
  }

  const onRoute = (change: Change<IngressRoute>): void => {
    const key = keyOf(change.object)
    enqueueRoute(queue, index, key)
    if (change.kind === 'deleted') index.removeRoute(change.object)
    else index.putRoute(change.object)
    enqueueRoute(queue, index, key)
    const entry = index.route(key)
    if (active() && entry !== undefined && isNews(change)) tellFindings(entry)
  }

  const tellFindings = ({ route, verdict }: IndexedRoute): void => {
    const on = { ...ownerReference(route), namespace: route.metadata.namespace }
    for (const { reason, path, about } of verdict.findings.filter(warns)) {
      recorder.record({ on, reason, about: path === '' ? about : `${about} (${path})` })
    }
  }

  const onCertificate = (change: Change<Certificate>): void => {
    if (change.kind === 'deleted') index.removeCertificate(change.object)
    else index.putCertificate(change.object)
    queue.add(`certificate ${keyOf(change.object)}`)
    if (change.kind !== 'updated') return
    for (const owner of change.object.metadata.ownerReferences) {
      queue.add(`route ${change.object.metadata.namespace}/${owner.name}`)
    }
    if (active()) certificateNotes(change.before, change.object).forEach(recorder.record)
  }

  const onNamespace = (change: Change<Namespace>): void => {
    const { name, deletionTimestamp } = change.object.metadata
    // All in it goes anyway, and the API server refuses to make anything new.
    if (change.kind === 'deleted' || deletionTimestamp !== undefined) {
      index.removeNamespace(name)
      return
    }
    for (const key of index.routeKeys(name)) enqueueRoute(queue, index, key)
    index.putNamespace(name, change.object.metadata)
    for (const key of index.routeKeys(name)) enqueueRoute(queue, index, key)
  }

  const onConfiguration = (change: Change<KubeObject>): void => {
    const gone = change.kind === 'deleted'
    index.setInstalledAt(gone ? undefined : change.object.metadata.creationTimestamp)
    enqueueAll()
  }

  const common = { client, onSynced, logger, signal }
  const reflectors = [
    runReflector({
      ...common,
      resource: RESOURCES.namespaces,
      parse: parseNamespace,
      onChange: onNamespace,
    }),
    runReflector({
      ...common,
      resource: RESOURCES.routes,
      parse: parseIngressRoute,
      onChange: onRoute,
    }),
    runReflector({
      ...common,
      resource: RESOURCES.certificates,
      parse: parseCertificate,
      onChange: onCertificate,
    }),
    runReflector({
      ...common,
      resource: RESOURCES.mutatingWebhooks,
      fieldSelector: `metadata.name=${CONFIGURATION_NAME}`,
      parse: parseNamespace,
      onChange: onConfiguration,
    }),
  ]
  return {
    setLeading: (now) => {
      leading = now
      enqueueAll()
    },
    done: Promise.all(reflectors).then(() => undefined),
  }
}

type Namespace = KubeObject

/** Metadata is all that is read of it. */
function parseNamespace(value: JsonObject): Namespace | undefined {
  const metadata = parseMeta(value['metadata'])
  return metadata === undefined ? undefined : { apiVersion: 'v1', kind: 'Namespace', metadata }
}

/** The route, and the Certificates that its hosts have or would have. */
function enqueueRoute(queue: Pick<Workqueue, 'add'>, index: ClusterIndex, key: string): void {
  const entry = index.route(key)
  if (entry === undefined) return
  queue.add(`route ${key}`)
  // A carrier's own key is its Certificate's.
  queue.add(`certificate ${key}`)
  for (const certificate of index.certificateKeysOf(entry)) queue.add(`certificate ${certificate}`)
}

function isNews(change: Change<IngressRoute>): boolean {
  if (change.kind !== 'updated') return change.kind === 'added'
  return change.before.metadata.generation !== change.object.metadata.generation
}

function logFailure(logger: Logger): (key: string, error: unknown, retryInMs: number) => void {
  return (key, error, retryInMs) => {
    // Someone else's write came first: looked at again, no fault.
    const level = isStatus(error, 409) ? 'debug' : 'warn'
    logger[level]({ error, key, retryInMs }, 'reconcile failed')
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace}/${object.metadata.name}`
}
