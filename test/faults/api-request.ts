/** What a request to the API server is about. */
export type ApiRequest = {
  readonly verb: 'list' | 'watch' | 'get' | 'create' | 'patch' | 'replace' | 'delete'
  readonly resource: string
  readonly namespace: string
  readonly name: string
}

const PATH = /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/

const VERBS: Readonly<Record<string, ApiRequest['verb']>> = {
  POST: 'create',
  PATCH: 'patch',
  PUT: 'replace',
  DELETE: 'delete',
}

/** Reads a request's method and URL, or gives undefined for what is about no resource. */
export function readApiRequest(method: string, url: string): ApiRequest | undefined {
  const { pathname, searchParams } = new URL(url, 'https://api')
  const [, namespace = '', resource, name = ''] = PATH.exec(pathname) ?? []
  if (resource === undefined) return undefined
  const about = { resource, namespace, name }
  const verb = VERBS[method]
  if (verb !== undefined) return { verb, ...about }
  if (searchParams.get('watch') === 'true') return { verb: 'watch', ...about }
  return { verb: name === '' ? 'list' : 'get', ...about }
}

/** Whether it is meant to change an object that counts: Events and the Lease don't. */
export function isWrite({ verb, resource }: ApiRequest): boolean {
  const reads = verb === 'list' || verb === 'watch' || verb === 'get'
  return !reads && resource !== 'events' && resource !== 'leases'
}
