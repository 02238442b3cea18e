import { isJsonObject, objectAt, textAt } from '../../shared/json.ts'
import type { ApiRequest } from './api-request.ts'

/** A write that the API server has carried out. */
export type LoggedWrite = {
  readonly namespace: string
  /** `create ingressroutes/r` */
  readonly what: string
  /** Whether it changed the object's resourceVersion. */
  readonly changed: boolean
}

/** Reads what became of a write: undefined where the API server refused it. `before` is the object's
 * resourceVersion before it; undefined: there was none. */
export function readWrite(
  request: ApiRequest,
  answer: { readonly status: number; readonly body: string; readonly before: string | undefined },
): LoggedWrite | undefined {
  const { verb, namespace } = request
  const { status, body, before } = answer
  if (status >= 300) return undefined
  const object: unknown = JSON.parse(body)
  const metadata = isJsonObject(object) ? objectAt(object, 'metadata') : {}
  const name = request.name === '' ? (textAt(metadata, 'name') ?? '') : request.name
  const at = `${request.resource}/${name}`
  if (verb === 'delete') return { namespace, what: `delete ${at}`, changed: true }
  const made = verb === 'create' || status === 201
  const changed = made || textAt(metadata, 'resourceVersion') !== before
  return { namespace, what: `${made ? 'create' : 'update'} ${at}`, changed }
}
