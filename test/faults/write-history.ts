import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { FIELD_MANAGER } from '../../shared/kube/ours.ts'
import type { ApiRequest } from './api-request.ts'

/** A write that the API server has carried out. */
export type LoggedWrite = {
  readonly namespace: string
  /** `create ingressroutes/r` */
  readonly what: string
  /** Whether it changed the object. */
  readonly changed: boolean
}

/** Reads what became of a write: undefined where the API server refused it. `before` is the object before it;
 * undefined: there was none. */
export function readWrite(
  request: ApiRequest,
  answer: {
    readonly status: number
    readonly body: string
    readonly before: JsonObject | undefined
  },
): LoggedWrite | undefined {
  const { verb, namespace } = request
  const { status, body, before } = answer
  if (status >= 300) return undefined
  const parsed: unknown = JSON.parse(body)
  const object = isJsonObject(parsed) ? parsed : {}
  const name = request.name === '' ? textAt(objectAt(object, 'metadata'), 'name') : request.name
  const at = `${request.resource}/${name}`
  if (verb === 'delete') return { namespace, what: `delete ${at}`, changed: true }
  if (verb === 'create' || status === 201) {
    return { namespace, what: `create ${at}`, changed: true }
  }
  const changed = before === undefined || !isDeepStrictEqual(ownPart(object), ownPart(before))
  return { namespace, what: `update ${at}`, changed }
}

/** What a write of tlsauto can change: its version may also have moved by another's status in between. */
function ownPart({ metadata, status: _status, ...rest }: JsonObject): JsonObject {
  const { resourceVersion: _version, managedFields, ...own } = objectAt({ metadata }, 'metadata')
  const fields = listAt({ managedFields }, 'managedFields')
    .filter(isJsonObject)
    .filter(({ manager }) => manager === FIELD_MANAGER)
    .map(({ operation, fieldsV1 }) => ({ operation, fieldsV1 }))
  return { ...rest, own, fields }
}
