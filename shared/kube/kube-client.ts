import type { Operation } from 'fast-json-patch'
import type { JsonObject } from '../json/json.ts'
import { KubeError, TOO_LARGE } from './kube-error.ts'
import type { Resource } from './resources.ts'

/** What tlsauto asks of the API server. Every method throws a KubeError when the answer is not a
 * success, and takes one resource of `RESOURCES`; objects go in and come out as JSON. */
export type KubeClient = {
  /** The API server's address, for messages. */
  readonly server: string
  /** The namespace of the kubeconfig's context, or `default`. */
  readonly namespace: string
  get(target: Target): Promise<Lookup>
  /** One page; `next` goes on. */
  list(options: ListOptions): Promise<Page>
  /** Events from `resourceVersion` on, until the server or the signal ends the stream. */
  watch(options: WatchOptions): AsyncGenerator<WatchEvent>
  /** With `dryRun` nothing is stored; admission is asked all the same. */
  create(
    resource: Resource,
    object: JsonObject,
    options?: { readonly dryRun: boolean },
  ): Promise<JsonObject>
  /** Server-side apply under the field manager `tlsauto`. */
  apply(
    resource: Resource,
    object: JsonObject,
    options: { readonly force: boolean },
  ): Promise<JsonObject>
  /** RFC 7386; `metadata.resourceVersion` in it makes a stale write fail with 409. */
  mergePatch(target: Target, patch: JsonObject): Promise<JsonObject>
  /** RFC 6902. */
  jsonPatch(target: Target, operations: readonly Operation[]): Promise<JsonObject>
  /** PUT, of the object or of its `status`. */
  replace(resource: Resource, object: JsonObject, subresource?: 'status'): Promise<JsonObject>
  delete(target: Target, preconditions?: Preconditions): Promise<void>
}

/** One object of a resource. */
export type Target = {
  readonly resource: Resource
  readonly namespace?: string
  readonly name: string
}

/** What came of looking for one object. */
export type Lookup =
  | { readonly kind: 'found'; readonly object: JsonObject }
  | { readonly kind: 'missing' }
  | { readonly kind: 'forbidden'; readonly message: string }

export type ListOptions = {
  readonly resource: Resource
  /** All namespaces when absent. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  /** Whether the objects' metadata alone is asked for: what a Secret holds stays where it is. */
  readonly metadataOnly?: boolean
  readonly limit?: number
  /** Bytes that an answer with several objects may have; of more a KubeError says `TOO_LARGE`. */
  readonly largest?: number
  readonly next?: string | undefined
  readonly signal?: AbortSignal
}

export type Page = {
  readonly items: readonly JsonObject[]
  readonly resourceVersion: string
  readonly next: string | undefined
}

export type WatchOptions = {
  readonly resource: Resource
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  readonly resourceVersion: string
  /** Seconds after which the server ends the stream. */
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
}

export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: JsonObject
}

export type Preconditions = { readonly uid: string; readonly resourceVersion?: string }

/** A whole list. */
export type Listed<T> = { readonly items: readonly T[]; readonly resourceVersion: string }

/** Objects of a page: what one leaves behind should die young. */
const PAGE = 40
/** Bytes of a page: each object may have 1.5 MiB, and reading forty such at once would keep others waiting, and
 * take more memory than there is. */
const LARGEST_PAGE = 2 ** 21

/** The pages of a list, all as of one moment. Where objects are large there are fewer in a page. */
export async function* listPages(client: KubeClient, options: ListOptions): AsyncGenerator<Page> {
  let limit = options.limit ?? PAGE
  let next: string | undefined
  for (;;) {
    const page = await pageWithin(client, { ...options, limit, next, largest: LARGEST_PAGE })
    if (page === undefined) {
      limit = Math.ceil(limit / 4)
    } else {
      yield page
      next = page.next
      if (next === undefined) return
      limit = Math.min(limit * 2, options.limit ?? PAGE)
    }
  }
}

/** The page; undefined: it is too large. */
async function pageWithin(client: KubeClient, options: ListOptions): Promise<Page | undefined> {
  try {
    return await client.list(options)
  } catch (error) {
    if (error instanceof KubeError && error.reason === TOO_LARGE) return undefined
    throw error
  }
}

/** All objects of a list. */
export async function listAll(
  client: KubeClient,
  options: ListOptions,
): Promise<Listed<JsonObject>> {
  return listParsed(client, options, (object) => object)
}

/** What `parse` reads of all objects of a list, without those that it can't read. It is asked page by page:
 * of ten thousand objects only what is read of them is kept. */
export async function listParsed<T>(
  client: KubeClient,
  options: ListOptions,
  parse: (object: JsonObject) => T | undefined,
): Promise<Listed<T>> {
  const items: T[] = []
  let resourceVersion = ''
  for await (const page of listPages(client, options)) {
    items.push(...page.items.flatMap((object) => parse(object) ?? []))
    resourceVersion = page.resourceVersion
  }
  return { items, resourceVersion }
}
