import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { listAll, type KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'

/** One change of an object, as the API server tells it. */
export type Entry = {
  readonly version: number
  readonly kind: string
  readonly name: string
  /** undefined: it was deleted. */
  readonly object: JsonObject | undefined
}

/** Everything that has happened to our kinds, by namespaces: seen past the proxy, directly. */
export type History = {
  /** The history of a namespace, in the order of the API server's versions. */
  of(namespace: string): readonly Entry[]
  /** What there is in a namespace now. */
  current(namespace: string): readonly JsonObject[]
  /** When something last changed there, by `Date.now()`. */
  lastChange(namespace: string): number
  forget(namespace: string): void
}

const WATCHED = [
  RESOURCES.ingressRoutes,
  RESOURCES.ingressRouteTCPs,
  RESOURCES.certificates,
  RESOURCES.middlewares,
] as const

/** Begins to write down all changes, until the signal. */
export async function startHistory(client: KubeClient, signal: AbortSignal): Promise<History> {
  const entries = new Map<string, Entry[]>()
  const changes = new Map<string, number>()
  const record = (type: string, object: JsonObject): number => {
    const metadata = objectAt(object, 'metadata')
    const namespace = textAt(metadata, 'namespace') ?? ''
    const version = Number(metadata['resourceVersion'])
    const entry = {
      version,
      kind: textAt(object, 'kind') ?? '',
      name: textAt(metadata, 'name') ?? '',
      object: type === 'DELETED' ? undefined : object,
    }
    const known = entries.get(namespace) ?? []
    known.push(entry)
    entries.set(namespace, known)
    changes.set(namespace, Date.now())
    return version
  }
  await Promise.all(WATCHED.map(async (resource) => follow(client, { resource, signal, record })))
  const of = (namespace: string): readonly Entry[] =>
    (entries.get(namespace) ?? []).toSorted((a, b) => a.version - b.version)
  return {
    of,
    current: (namespace) => [...stateAfter(of(namespace)).values()],
    lastChange: (namespace) => changes.get(namespace) ?? 0,
    forget: (namespace) => {
      entries.delete(namespace)
    },
  }
}

/** What is there after some changes, by `Kind/name`. */
export function stateAfter(history: readonly Entry[]): ReadonlyMap<string, JsonObject> {
  const state = new Map<string, JsonObject>()
  for (const { kind, name, object } of history) {
    if (object === undefined) state.delete(`${kind}/${name}`)
    else state.set(`${kind}/${name}`, object)
  }
  return state
}

/** Settles when the watch can begin; it goes on until the signal. */
async function follow(
  client: KubeClient,
  input: {
    readonly resource: Resource
    readonly signal: AbortSignal
    readonly record: (type: string, object: JsonObject) => number
  },
): Promise<void> {
  const { resource, signal, record } = input
  const { resourceVersion } = await listAll(client, { resource })
  let from = resourceVersion
  const watchOnce = async (): Promise<void> => {
    const place = { resource, resourceVersion: from, timeoutSeconds: 600, signal }
    for await (const { type, object } of client.watch(place)) {
      const version = textAt(objectAt(object, 'metadata'), 'resourceVersion')
      // A gap in the history would be a lie.
      if (type === 'ERROR' || version === undefined) throw new Error(JSON.stringify(object))
      if (type !== 'BOOKMARK') record(type, object)
      from = version
    }
  }
  const watchOn = async (): Promise<void> => {
    while (!signal.aborted) await watchOnce()
  }
  void watchOn().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
