import { createHash } from 'node:crypto'
import { objectAt, objectsAt, textAt, type JsonObject } from '../../../shared/json/json.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { FIELD_MANAGER } from '../../../shared/kube/ours.ts'
import { RESOURCES, type Resource } from '../../../shared/kube/resources.ts'
import { routeResource } from '../../../shared/traefik/route-resource.ts'
import type { Logger } from '../../runtime/logger.ts'
import { ownersIn, type Action } from '../plan/action.ts'
import { SHORT_WAIT_MS, type CertificateLimits, type NewCertificate } from './certificate-limits.ts'
import type { ClusterIndex } from '../index/cluster-index.ts'
import type { EventNote } from '../../runtime/event-notes.ts'
import { createFights, type Write } from './fights.ts'
import type { Recorder } from '../../runtime/event-recorder.ts'
import { Deferred } from '../../runtime/workqueue.ts'

/** Stands before every write: one tenant's share of them, and no endless quarrel over an object. */
export type WriteGate = {
  /** Makes a write that may be made now. Throws a Deferred, once told why, where it has to wait, and what the
   * write throws. */
  pass(action: Action, recorder: Recorder, write: () => Promise<void>): Promise<void>
}

export type WriteGateInput = {
  readonly client: KubeClient
  readonly index: Pick<ClusterIndex, 'route'>
  readonly limits: CertificateLimits
  /** How many Certificates a namespace gets an hour, to be told. */
  readonly most: number
  readonly logger: Logger
  /** Called for each write that has to wait. */
  readonly onDeferred?: (because: 'fight' | 'limit') => void
  readonly now?: () => number
}

/** A gate through which nothing has gone yet. */
export function createWriteGate(input: WriteGateInput): WriteGate {
  const { client, index, limits, most, logger, onDeferred = () => undefined } = input
  const { now = Date.now } = input
  const fights = createFights()

  const askLimit = (created: NewCertificate, action: Action, recorder: Recorder): void => {
    const wait = limits.wait(created, now())
    if (wait === 0) return
    if (wait > SHORT_WAIT_MS) {
      for (const on of ownersIn(action)) {
        recorder.record({ on, reason: 'CertificateLimited', about: String(most) })
      }
      onDeferred('limit')
    }
    throw new Deferred(wait)
  }

  const askFight = async (
    { target, write }: Aimed,
    action: Action,
    recorder: Recorder,
  ): Promise<void> => {
    const wait = fights.wait(write, now())
    if (wait === 0) return
    onDeferred('fight')
    if (fights.isNews(write)) {
      const about = `${target.resource.kind} ${target.name} (${await whoChanged(client, target)})`
      logger.warn({ ...place(target), about }, 'changed back again and again')
      for (const on of ownersIn(action)) recorder.record({ on, reason: 'ChangedBack', about })
    }
    throw new Deferred(wait)
  }

  return {
    pass: async (action, recorder, write) => {
      const created = newCertificateOf(action, index)
      if (created !== undefined) askLimit(created, action, recorder)
      const aimed = aimedAt(action)
      try {
        if (aimed !== undefined) await askFight(aimed, action, recorder)
        await write()
      } catch (error) {
        if (created !== undefined) limits.failed(created)
        throw error
      }
      if (aimed !== undefined) fights.done(aimed.write, now())
      if (created !== undefined) limits.done(created, now())
    },
  }
}

/** The object that an action writes, and what; undefined: an Event writes none that somebody could change. */
function aimedAt(action: Action): Aimed | undefined {
  const target = targetOf(action)
  return target === undefined ? undefined : { target, write: writeOf(action, target) }
}

type Aimed = { readonly target: Target; readonly write: Write }

type Target = {
  readonly resource: Resource
  readonly namespace: string
  readonly name: string
  /** What is written, without the version that was seen. */
  readonly content: unknown
}

/** The object that an action writes; an Event is none. */
function targetOf(action: Action): Target | undefined {
  switch (action.kind) {
    case 'apply': {
      const {
        uid: _uid,
        resourceVersion: _version,
        ...metadata
      } = objectAt(action.object, 'metadata')
      const namespace = textAt(metadata, 'namespace') ?? ''
      const name = textAt(metadata, 'name') ?? ''
      const content = { ...action.object, metadata }
      return { resource: RESOURCES[action.resource], namespace, name, content }
    }
    case 'delete': {
      const { namespace, name } = action
      return { resource: RESOURCES[action.resource], namespace, name, content: 'delete' }
    }
    case 'patch': {
      const { namespace, name } = action.route.metadata
      const { resourceVersion: _version, ...metadata } = objectAt(action.patch, 'metadata')
      const content = { ...action.patch, metadata }
      return { resource: routeResource(action.route.kind), namespace, name, content }
    }
    case 'disown': {
      const { namespace, name } = action.certificate
      return { resource: RESOURCES.certificates, namespace, name, content: 'disown' }
    }
    case 'event':
      return undefined
    default:
      return action satisfies never
  }
}

function writeOf({ kind }: Action, target: Target): Write {
  const { resource, namespace, name, content } = target
  const hash = createHash('sha256').update(`${kind} ${JSON.stringify(content)}`)
  return {
    namespace,
    object: `${resource.kind} ${name}`,
    content: hash.digest('base64').slice(0, 12),
  }
}

function place({ namespace, name }: Target): { readonly namespace: string; readonly name: string } {
  return { namespace, name }
}

/** A Certificate that an action makes, with the age of the oldest route that needs it. */
function newCertificateOf(
  action: Action,
  index: Pick<ClusterIndex, 'route'>,
): NewCertificate | undefined {
  if (action.kind !== 'apply' || action.resource !== 'certificates' || action.force) {
    return undefined
  }
  const metadata = objectAt(action.object, 'metadata')
  const namespace = textAt(metadata, 'namespace') ?? ''
  const name = textAt(metadata, 'name') ?? ''
  return { namespace, name, age: `${ageOf(ownersIn(action)[0], index)} ${name}` }
}

function ageOf(owner: EventNote['on'] | undefined, index: Pick<ClusterIndex, 'route'>): string {
  if (owner === undefined) return ''
  const entry = index.route(`${owner.kind} ${owner.namespace}/${owner.name}`)
  return `${entry?.route.metadata.creationTimestamp} ${owner.name}`
}

/** Who changed an object last, other than we: by the name that he gave himself. */
async function whoChanged(
  client: KubeClient,
  { resource, namespace, name }: Target,
): Promise<string> {
  const found = await client.get({ resource, namespace, name })
  if (found.kind !== 'found') return 'it was deleted'
  const managers = objectsAt(objectAt(found.object, 'metadata'), 'managedFields', managerOf)
  const [last] = managers
    .filter(({ manager }) => manager !== FIELD_MANAGER)
    .toSorted((a, b) => (a.time < b.time ? 1 : -1))
  return last === undefined ? 'nobody says who' : `field manager "${last.manager}"`
}

function managerOf(entry: JsonObject): { readonly manager: string; readonly time: string } {
  return {
    manager: (textAt(entry, 'manager') ?? '').slice(0, 60),
    time: textAt(entry, 'time') ?? '',
  }
}
