import { jsonObjectsAt, objectAt, textAt, type JsonObject } from '../json/json.ts'
import { FIELD_MANAGER } from './ours.ts'
import type {
  KubeClient,
  ListOptions,
  Lookup,
  Page,
  WatchEvent,
  WatchOptions,
} from './kube-client.ts'
import { KubeError } from './kube-error.ts'
import { pathOf, RESOURCES, type Resource } from './resources.ts'
import { readLines, readObject, type Call, type Reading, type Transport } from './transport.ts'

const MANAGER = { fieldManager: FIELD_MANAGER }

/** The KubeClient that puts its questions as calls of the API server's REST interface. */
export function restClient(
  send: Transport,
  place: Pick<KubeClient, 'server' | 'namespace'>,
): KubeClient {
  const json = async (call: Call, reading?: Reading): Promise<JsonObject> =>
    readObject(await send(call), reading)
  return {
    ...place,
    get: async (target) =>
      lookup(async () => json({ method: 'GET', path: pathOf(target.resource, target) })),
    list: async (listing) => page(await json(listCall(listing), readingOf(listing))),
    watch: (watching) => watch(send, watching),
    create: async (resource, object, { dryRun } = { dryRun: false }) => {
      const query = { ...MANAGER, dryRun: dryRun ? 'All' : undefined }
      return json({ method: 'POST', path: collectionOf(resource, object), body: object, query })
    },
    apply: async (resource, object, { force }) =>
      json({
        ...patchCall(objectPath(resource, object), object, 'application/apply-patch+yaml'),
        query: { ...MANAGER, force: String(force) },
      }),
    mergePatch: async (target, patch) =>
      json(patchCall(pathOf(target.resource, target), patch, 'application/merge-patch+json')),
    jsonPatch: async (target, operations) =>
      json(patchCall(pathOf(target.resource, target), operations, 'application/json-patch+json')),
    replace: async (resource, object, subresource) => {
      const suffix = subresource === undefined ? '' : `/${subresource}`
      const path = `${objectPath(resource, object)}${suffix}`
      return json({ method: 'PUT', path, body: object, query: MANAGER })
    },
    delete: async (target, preconditions) => {
      await json({
        method: 'DELETE',
        path: pathOf(target.resource, target),
        body: { preconditions },
      })
    },
  }
}

async function lookup(ask: () => Promise<JsonObject>): Promise<Lookup> {
  try {
    return { kind: 'found', object: await ask() }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    if (error.status === 404) return { kind: 'missing' }
    if (error.status === 403) return { kind: 'forbidden', message: error.message }
    throw error
  }
}

function listCall(options: ListOptions): Call {
  const { resource, namespace, labelSelector, fieldSelector, limit, next, signal } = options
  return {
    method: 'GET',
    path: pathOf(resource, { namespace }),
    query: { labelSelector, fieldSelector, limit: limit?.toString(), continue: next },
    signal,
    ...(options.metadataOnly === true ? { accept: METADATA } : {}),
  }
}

/** One object is read whatever it has; of several, the caller asks for fewer. */
function readingOf({ resource, limit, largest }: ListOptions): Reading {
  return { parse: parserOf(resource), largest: limit === 1 ? undefined : largest }
}

/** A Middleware may have a plugin's settings, hundreds of thousands of numbers, of which nothing is ever written
 * back: to keep them without loss would take seconds. */
function parserOf(resource: Resource): Reading['parse'] {
  return resource === RESOURCES.middlewares ? JSON.parse : undefined
}

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

function page(list: JsonObject): Page {
  const metadata = objectAt(list, 'metadata')
  return {
    items: jsonObjectsAt(list, 'items'),
    resourceVersion: textAt(metadata, 'resourceVersion') ?? '',
    next: textAt(metadata, 'continue'),
  }
}

function patchCall(path: string, body: unknown, type: string): Call {
  return { method: 'PATCH', path, body, type, query: MANAGER }
}

async function* watch(send: Transport, options: WatchOptions): AsyncGenerator<WatchEvent> {
  const { resource, namespace, resourceVersion, timeoutSeconds, signal } = options
  const { labelSelector, fieldSelector } = options
  const answer = await send({
    method: 'GET',
    path: pathOf(resource, { namespace }),
    query: {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion,
      timeoutSeconds: String(timeoutSeconds),
      labelSelector,
      fieldSelector,
    },
    signal,
    streams: true,
  })
  for await (const event of readLines(answer, { parse: parserOf(resource) })) {
    const type = event['type']
    if (isEventType(type)) yield { type, object: objectAt(event, 'object') }
  }
}

const EVENT_TYPES = new Set<unknown>(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'])

function isEventType(type: unknown): type is WatchEvent['type'] {
  return EVENT_TYPES.has(type)
}

function collectionOf(resource: Resource, object: JsonObject): string {
  return pathOf(resource, { namespace: textAt(objectAt(object, 'metadata'), 'namespace') })
}

function objectPath(resource: Resource, object: JsonObject): string {
  const metadata = objectAt(object, 'metadata')
  const name = textAt(metadata, 'name') ?? ''
  return pathOf(resource, { namespace: textAt(metadata, 'namespace'), name })
}
