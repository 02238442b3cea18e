import { isDeepStrictEqual } from 'node:util'
import {
  isJsonObject,
  listAt,
  objectAt,
  stringsAt,
  textAt,
  type JsonObject,
} from '../../../shared/json/json.ts'

/** Where an administrator may send the API server: deploy/manifests/guard.yaml. */
const ALLOWED_URL = 'tlsauto.dev/webhook-url'

/** What the API server fills in where a manifest says nothing. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  failurePolicy: 'Fail',
  matchConditions: [],
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  parameterNotFoundAction: 'Allow',
  port: 443,
  reinvocationPolicy: 'Never',
  scope: '*',
  timeoutSeconds: 10,
}

/** What is the operator's to set. */
const THEIRS = new Set(['tlsauto-hosts webhooks[0].failurePolicy'])

/** The fields in which an object of the cluster is not what this version ships: `webhooks[0].rules[0].resources`. */
export function differences(shipped: JsonObject, live: JsonObject): readonly string[] {
  const name = textAt(objectAt(shipped, 'metadata'), 'name') ?? ''
  const found = withAllowedUrls(live, listAt(shipped, 'webhooks'))
  return ['spec', 'webhooks']
    .flatMap((part) => fieldsThatDiffer(shipped[part], found[part], part))
    .filter((path) => !THEIRS.has(`${name} ${path}`))
}

/** As if webhooks that are called at a URL that an administrator has allowed were called as shipped. */
function withAllowedUrls(live: JsonObject, shipped: readonly unknown[]): JsonObject {
  const base = stringsAt(objectAt(live, 'metadata'), 'annotations')[ALLOWED_URL]
  if (base === undefined) return live
  const webhooks = listAt(live, 'webhooks').map((one, at) => {
    const wanted = shipped[at]
    if (!isJsonObject(one) || !isJsonObject(wanted)) return one
    const url = textAt(objectAt(one, 'clientConfig'), 'url')
    const isAllowed = url?.startsWith(`${base}/`) === true
    return isAllowed ? { ...one, clientConfig: wanted['clientConfig'] } : one
  })
  return { ...live, webhooks }
}

function fieldsThatDiffer(shipped: unknown, live: unknown, path: string): readonly string[] {
  if (isJsonObject(shipped) && isJsonObject(live)) {
    const keys = new Set([...Object.keys(shipped), ...Object.keys(live)])
    // The CA is tlsauto's to write, and says nothing of where the API server calls.
    keys.delete('caBundle')
    return [...keys].flatMap((key) => {
      const wanted = key in shipped ? shipped[key] : DEFAULTS[key]
      return fieldsThatDiffer(wanted, live[key] ?? DEFAULTS[key], `${path}.${key}`)
    })
  }
  if (Array.isArray(shipped) && Array.isArray(live) && shipped.length === live.length) {
    return shipped.flatMap((one, at) => fieldsThatDiffer(one, live[at], `${path}[${at}]`))
  }
  return isDeepStrictEqual(shipped, live) ? [] : [path]
}
