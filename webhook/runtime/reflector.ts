import { objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { isStatus, KubeError } from '../../shared/kube/kube-error.ts'
import { listPages, type KubeClient, type WatchEvent } from '../../shared/kube/kube-client.ts'
import { keyOf, type KubeObject } from '../../shared/kube/object.ts'
import type { Resource } from '../../shared/kube/resources.ts'
import { sleep, WALL_CLOCK, type Clock } from './clock.ts'
import type { OnFault } from './faults.ts'
import type { Logger } from './logger.ts'
import { DONE, takeSteps, type Slices, type Steps } from './slices.ts'

/** What one reflector keeps up to date. */
export type ReflectorInput<T extends KubeObject> = {
  readonly client: KubeClient
  readonly resource: Resource
  /** All namespaces when absent. */
  readonly namespace?: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
  readonly pace?: Pace
  readonly clock?: Clock
  readonly slices?: Slices
  readonly parse: (object: JsonObject) => T | undefined
  /** Of a change that takes long it gives the steps: the next change is told when they are taken. */
  readonly onChange: (change: Change<T>) => Steps | typeof DONE
  /** Called once, when the first list is in. */
  readonly onSynced: () => void
  /** Called when a list or a watch has failed: an HTTP status, `expired`, `silent` or `broken`. */
  readonly onInterrupted?: (cause: string) => void
  /** Told of an object that can't be read, or whose change its user chokes on: nothing else is lost by it. */
  readonly onFault?: OnFault
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** How long a watch is trusted. */
export type Pace = {
  /** Milliseconds that one lasts; one that is silent for so long is given up somewhat later. */
  readonly stall: number
  /** Milliseconds, with jitter, after which everything is listed again: an event that was lost on the way
   * is made up for then. */
  readonly relist: number
}

export const DEFAULT_PACE: Pace = { stall: 30_000, relist: 1_800_000 }

export type Change<T> =
  | { readonly kind: 'added'; readonly object: T }
  | { readonly kind: 'deleted'; readonly object: T }
  | { readonly kind: 'updated'; readonly before: T; readonly object: T }

const SHORTEST_WATCH_MS = 1000
const SHORTEST_BACKOFF_MS = 200
/** An API server that comes back is noticed soon; until then it costs it next to nothing. */
const LONGEST_BACKOFF_MS = 3000
/** However often the server forgets where we were: three quarters of the time nothing is listed. */
const REST_PER_LIST = 3
/** What a clean end may take longer than it was asked for. */
const STALL_GRACE_MS = 3000

/** Lists a resource and watches it for ever, whatever breaks: it comes back with jittered backoff,
 * lists again when the server has forgotten where we were (410), and waits as long as a busy server
 * asks. Ends when the signal does. */
export async function runReflector<T extends KubeObject>(input: ReflectorInput<T>): Promise<void> {
  const store = new Map<string, T>()
  let version = ''
  let failures = 0
  let relistAt = 0
  let restUntil = 0
  let announce = input.onSynced
  const { pace, clock } = { pace: DEFAULT_PACE, clock: WALL_CLOCK, ...input }
  while (!input.signal.aborted) {
    try {
      const now = clock.now()
      if (now >= relistAt) {
        version = await relist(input, store)
        failures = 0
        const listed = clock.now()
        relistAt = listed + pace.relist * (0.8 + Math.random() * 0.4)
        restUntil = listed + (listed - now) * REST_PER_LIST
      }
      announce()
      announce = () => undefined
      const began = clock.now()
      // Kept event by event: from an older place a broken watch would tell again what is long past.
      for await (const seen of follow(input, { store, from: version })) {
        version = seen
        failures = 0
      }
      // What ends every watch at once must not make us ask without rest.
      if (clock.now() - began < SHORTEST_WATCH_MS) {
        await sleep(clock, SHORTEST_BACKOFF_MS, input.signal)
      }
    } catch (error) {
      if (input.signal.aborted) return
      failures += 1
      input.onInterrupted?.(causeOf(error))
      input.logger.warn({ error, kind: input.resource.kind, failures }, 'watch interrupted')
      if (isGone(error)) relistAt = 0
      const restMs = restAfter(error, { failures, untilRested: restUntil - clock.now() })
      await sleep(clock, restMs, input.signal)
    }
  }
}

/** Brings the store to what the list says: an object under an old name with a new uid is two objects. */
async function relist<T extends KubeObject>(
  input: ReflectorInput<T>,
  store: Map<string, T>,
): Promise<string> {
  const { client, resource, namespace, fieldSelector, labelSelector, signal } = input
  const selection = { resource, namespace, fieldSelector, labelSelector }
  const listed = new Set<string>()
  let version = ''
  // Page by page: ten thousand objects as JSON at once would be twice what we keep of them.
  for await (const { items, resourceVersion } of listPages(client, { ...selection, signal })) {
    for (const item of items) {
      const read = readOne(input, item)
      // What can't be read any more is not gone.
      if (read.kind !== 'none') listed.add(read.key)
      await input.slices?.rest()
      if (read.kind === 'object') await put(input, store, read.object)
      await input.slices?.rest()
    }
    version = resourceVersion
  }
  for (const key of store.keys()) {
    if (!listed.has(key)) await remove(input, store, key)
    await input.slices?.rest()
  }
  return version
}

/** Follows one watch to its end; gives each version to go on from. */
async function* follow<T extends KubeObject>(
  input: ReflectorInput<T>,
  { store, from }: { readonly store: Map<string, T>; readonly from: string },
): AsyncGenerator<string> {
  const { client, resource, namespace, fieldSelector, labelSelector } = input
  const { stall } = input.pace ?? DEFAULT_PACE
  const silence = AbortSignal.timeout(stall + STALL_GRACE_MS)
  const signal = AbortSignal.any([input.signal, silence])
  // The server counts whole seconds, and watches should not all end at once.
  const timeoutSeconds = Math.max(1, Math.round((stall / 1000) * (0.8 + Math.random() * 0.2)))
  const selection = { resource, namespace, fieldSelector, labelSelector }
  const place = { resourceVersion: from, timeoutSeconds, signal }
  for await (const event of client.watch({ ...selection, ...place })) {
    const version = await handle(input, store, event)
    if (version !== undefined) yield version
    await input.slices?.rest()
  }
}

async function handle<T extends KubeObject>(
  input: ReflectorInput<T>,
  store: Map<string, T>,
  event: WatchEvent,
): Promise<string | undefined> {
  if (event.type === 'ERROR') throw statusOf(event.object)
  const version = textAt(objectAt(event.object, 'metadata'), 'resourceVersion')
  if (event.type === 'BOOKMARK') return version
  const read = readOne(input, event.object)
  await input.slices?.rest()
  if (read.kind !== 'none' && event.type === 'DELETED') await remove(input, store, read.key)
  else if (read.kind === 'object') await put(input, store, read.object)
  return version
}

type Read<T> =
  | { readonly kind: 'object'; readonly key: string; readonly object: T }
  /** It is of no concern. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly key: string }

function readOne<T extends KubeObject>(input: ReflectorInput<T>, item: JsonObject): Read<T> {
  try {
    const object = input.parse(item)
    return object === undefined ? { kind: 'none' } : { kind: 'object', key: keyOf(object), object }
  } catch (error) {
    const metadata = objectAt(item, 'metadata')
    const key = `${textAt(metadata, 'namespace') ?? ''}/${textAt(metadata, 'name') ?? ''}`
    tell(input, { stop: 'parse', key }, error)
    return { kind: 'unreadable', key }
  }
}

async function put<T extends KubeObject>(
  input: ReflectorInput<T>,
  store: Map<string, T>,
  after: T,
): Promise<void> {
  const key = keyOf(after)
  const before = store.get(key)
  if (before?.metadata.resourceVersion === after.metadata.resourceVersion) return
  store.set(key, after)
  if (before === undefined) {
    await notify(input, { kind: 'added', object: after })
  } else if (before.metadata.uid === after.metadata.uid) {
    await notify(input, { kind: 'updated', before, object: after })
  } else {
    await notify(input, { kind: 'deleted', object: before })
    await notify(input, { kind: 'added', object: after })
  }
}

async function remove<T extends KubeObject>(
  input: ReflectorInput<T>,
  store: Map<string, T>,
  key: string,
): Promise<void> {
  const before = store.get(key)
  if (before === undefined) return
  store.delete(key)
  await notify(input, { kind: 'deleted', object: before })
}

/** A handler's fault is its own: the next object still gets its turn. */
async function notify<T extends KubeObject>(
  input: ReflectorInput<T>,
  change: Change<T>,
): Promise<void> {
  try {
    const steps = input.onChange(change)
    if (steps !== DONE) await takeSteps(input.slices, steps)
  } catch (error) {
    tell(input, { stop: 'handler', key: keyOf(change.object) }, error)
  }
}

function tell<T extends KubeObject>(
  { resource, logger, onFault }: ReflectorInput<T>,
  { stop, key }: { readonly stop: 'parse' | 'handler'; readonly key: string },
  error: unknown,
): void {
  const about = `${resource.kind} ${key}`
  if (onFault === undefined) logger.error({ error, stop, about }, 'an object was passed over')
  else onFault(stop, about, error)
}

/** The Status object of an ERROR event. */
function statusOf(status: JsonObject): KubeError {
  const code = status['code']
  return new KubeError(textAt(status, 'message') ?? 'the watch failed', {
    status: typeof code === 'number' ? code : 0,
    reason: textAt(status, 'reason') ?? '',
  })
}

function causeOf(error: unknown): string {
  if (isGone(error)) return 'expired'
  if (error instanceof KubeError && error.status > 0) return String(error.status)
  return isAbort(error) || (error instanceof Error && isAbort(error.cause)) ? 'silent' : 'broken'
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function isGone(error: unknown): boolean {
  return isStatus(error, 410) || (error instanceof KubeError && error.reason === 'Expired')
}

/** Milliseconds until the next try. */
function restAfter(
  error: unknown,
  { failures, untilRested }: { readonly failures: number; readonly untilRested: number },
): number {
  return Math.max(backoff(failures, error), isGone(error) ? untilRested : 0)
}

/** Milliseconds to wait: what the server asks, else twice as long each time, with jitter. */
function backoff(failures: number, error: unknown): number {
  if (error instanceof KubeError && error.retryAfter !== undefined) return error.retryAfter * 1000
  const longest = Math.min(LONGEST_BACKOFF_MS, SHORTEST_BACKOFF_MS * 2 ** (failures - 1))
  return longest * (0.5 + Math.random() / 2)
}
