import { Agent, request, type RequestOptions } from 'node:https'
import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http'
import { KubeConfig } from '@kubernetes/client-node'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../json.ts'
import { FIELD_MANAGER } from '../ours.ts'
import { KubeError } from './kube-error.ts'
import type {
  KubeClient,
  ListOptions,
  Page,
  Target,
  WatchEvent,
  WatchOptions,
} from './kube-client.ts'
import { pathOf } from './resources.ts'

/** Where the credentials come from: kubectl's rules when `kubeconfig` is absent. */
export type ClientOptions = {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  /** Milliseconds until a request without an answer fails; a watch has no such limit. */
  readonly timeout?: number
}

/** A client with the credentials of a kubeconfig file, of KUBECONFIG, or of the Pod it runs in.
 * Throws when the configuration can't be read or names no cluster. */
export function kubeClient(options: ClientOptions): KubeClient {
  const config = loadConfig(options)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig names no cluster')
  const send = sender(config, { server: cluster.server, timeout: options.timeout ?? 30_000 })
  const json = async (call: Call): Promise<JsonObject> => parseObject(await text(await send(call)))
  const path = (target: Target): string => pathOf(target.resource, target)
  return {
    server: cluster.server,
    namespace: config.getContextObject(config.currentContext)?.namespace ?? 'default',
    get: async (target) => lookup(json({ method: 'GET', path: path(target) })),
    list: async (listing) => page(await json(listCall(listing))),
    watch: (watching) => watch(send, watching),
    create: async (resource, object) =>
      json({
        method: 'POST',
        path: pathOf(resource, placeOf(object, false)),
        body: object,
        query: MANAGER,
      }),
    apply: async (resource, object, { force }) =>
      json({
        method: 'PATCH',
        path: pathOf(resource, placeOf(object, true)),
        body: object,
        type: 'application/apply-patch+yaml',
        query: { ...MANAGER, force: String(force) },
      }),
    mergePatch: async (target, patch) =>
      json({
        method: 'PATCH',
        path: path(target),
        body: patch,
        type: 'application/merge-patch+json',
        query: MANAGER,
      }),
    jsonPatch: async (target, operations) =>
      json({
        method: 'PATCH',
        path: path(target),
        body: operations,
        type: 'application/json-patch+json',
        query: MANAGER,
      }),
    replace: async (resource, object, subresource) =>
      json({
        method: 'PUT',
        path: [
          pathOf(resource, placeOf(object, true)),
          ...(subresource === undefined ? [] : [subresource]),
        ].join('/'),
        body: object,
        query: MANAGER,
      }),
    delete: async (target, preconditions) => {
      await json({ method: 'DELETE', path: path(target), body: { preconditions } })
    },
  }
}

const MANAGER = { fieldManager: FIELD_MANAGER }

type Call = {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly type?: string
  readonly signal?: AbortSignal | undefined
  readonly streams?: boolean
}

function loadConfig(options: ClientOptions): KubeConfig {
  const config = new KubeConfig()
  if (options.kubeconfig === undefined) config.loadFromDefault()
  else config.loadFromFile(options.kubeconfig)
  if (options.context !== undefined) config.setCurrentContext(options.context)
  return config
}

type Send = (call: Call) => Promise<IncomingMessage>

/** Sends requests with the config's credentials over pooled connections: the library makes a new
 * connection for every call. The pool is renewed when the credentials' bytes change. */
function sender(config: KubeConfig, to: { server: string; timeout: number }): Send {
  const pools = new Map<string, Agent>()
  const plain = new PlainAgent({ keepAlive: true })
  return async (call) => {
    const options: RequestOptions = { headers: {} }
    await config.applyToHTTPSOptions(options)
    const url = new URL(to.server.replace(/\/$/, '') + call.path)
    for (const [key, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, value)
    }
    const viaProxy = Boolean(config.getCurrentCluster()?.proxyUrl)
    if (!viaProxy) options.agent = url.protocol === 'http:' ? plain : pool(pools, options)
    return exchange(url, { call, options, timeout: to.timeout })
  }
}

function pool(pools: Map<string, Agent>, options: RequestOptions): Agent {
  const { ca, cert, key, rejectUnauthorized, servername } = options
  const credentials = { ca, cert, key, rejectUnauthorized, servername }
  const id = JSON.stringify(Object.values(credentials).map(String))
  const known = pools.get(id)
  if (known !== undefined) return known
  for (const old of pools.values()) old.destroy()
  pools.clear()
  const agent = new Agent({ keepAlive: true, maxSockets: 64, ...credentials })
  pools.set(id, agent)
  return agent
}

async function exchange(
  url: URL,
  { call, options, timeout }: { call: Call; options: RequestOptions; timeout: number },
): Promise<IncomingMessage> {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body)
  const headers = {
    ...options.headers,
    accept: 'application/json',
    ...(body === undefined
      ? {}
      : {
          'content-type': call.type ?? 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
  }
  const send = url.protocol === 'http:' ? plainRequest : request
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = send(url, { ...options, headers, method: call.method, signal: call.signal })
    const failed = (cause: Error): void => {
      reject(new KubeError(`${url.host} did not answer: ${cause.message}`, { status: 0, cause }))
    }
    outgoing.on('error', failed)
    outgoing.on('response', resolve)
    if (call.streams !== true) {
      outgoing.setTimeout(timeout, () =>
        outgoing.destroy(new Error(`no answer within ${timeout / 1000} s`)),
      )
    }
    outgoing.end(body)
  })
  if (answer.statusCode !== undefined && answer.statusCode < 300) return answer
  throw await statusError(answer)
}

async function statusError(answer: IncomingMessage): Promise<KubeError> {
  const body = await text(answer)
  const status = answer.statusCode ?? 0
  const retryAfter = Number(answer.headers['retry-after'])
  const detail = Number.isFinite(retryAfter) ? { status, retryAfter } : { status }
  try {
    const parsed = parseObject(body)
    const message = textAt(parsed, 'message') ?? `HTTP ${status}`
    return new KubeError(message, { ...detail, reason: textAt(parsed, 'reason') ?? '' })
  } catch {
    // A proxy in between answers in its own words.
    return new KubeError(`HTTP ${status}: ${body.slice(0, 200)}`, detail)
  }
}

async function text(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch (cause) {
    throw new KubeError('the answer was cut off', { status: 0, cause })
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseObject(body: string): JsonObject {
  const value: unknown = JSON.parse(body)
  if (!isJsonObject(value)) throw new KubeError('the answer is not a JSON object', { status: 0 })
  return value
}

async function lookup(answer: Promise<JsonObject>): ReturnType<KubeClient['get']> {
  try {
    return { kind: 'found', object: await answer }
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return { kind: 'missing' }
    if (error instanceof KubeError && error.status === 403)
      return { kind: 'forbidden', message: error.message }
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
  }
}

function page(list: JsonObject): Page {
  const metadata = objectAt(list, 'metadata')
  return {
    items: listAt(list, 'items').filter(isJsonObject),
    resourceVersion: textAt(metadata, 'resourceVersion') ?? '',
    next: textAt(metadata, 'continue'),
  }
}

async function* watch(send: Send, options: WatchOptions): AsyncGenerator<WatchEvent> {
  const answer = await send({
    method: 'GET',
    path: pathOf(options.resource, { namespace: options.namespace }),
    query: {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: options.resourceVersion,
      timeoutSeconds: String(options.timeoutSeconds),
      fieldSelector: options.fieldSelector,
    },
    signal: options.signal,
    streams: true,
  })
  for await (const line of lines(answer)) yield parseEvent(line)
}

async function* lines(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8')
  let rest = ''
  for await (const chunk of answer as AsyncIterable<string>) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    yield* parts.filter((line) => line !== '')
  }
}

function parseEvent(line: string): WatchEvent {
  const event = parseObject(line)
  return { type: textAt(event, 'type') as WatchEvent['type'], object: objectAt(event, 'object') }
}

/** Where an object lives; a create has its name in the body only. */
function placeOf(
  object: JsonObject,
  named: boolean,
): { namespace: string | undefined; name?: string } {
  const metadata = objectAt(object, 'metadata')
  const namespace = textAt(metadata, 'namespace')
  return named ? { namespace, name: textAt(metadata, 'name') ?? '' } : { namespace }
}
