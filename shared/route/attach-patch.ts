import jsonPatch, { type AddOperation, type Operation } from 'fast-json-patch'
import type { Attachment } from './attach.ts'
import { isJsonObject, objectAt, type JsonObject } from '../json/json.ts'
import { SECRET } from '../settings/settings.ts'

/** The JSON Patch (RFC 6902) that adds an attachment to a route as it came: the difference of its
 * `tls` and annotations before and after. Only ever `add`: an operation that does not apply would
 * fail the user's request, even under `failurePolicy: Ignore`. */
export function attachPatch(route: JsonObject, attachment: Attachment): readonly Operation[] {
  const before = slice(route)
  const { secretName, options } = attachment
  const metadata = objectAt(before, 'metadata')
  const tls = objectAt(objectAt(before, 'spec'), 'tls')
  const after = {
    metadata: { annotations: { ...objectAt(metadata, 'annotations'), [SECRET]: secretName } },
    spec: {
      tls: {
        ...tls,
        secretName,
        ...(options === undefined
          ? {}
          : { options: { ...objectAt(tls, 'options'), name: options } }),
      },
    },
  }
  return jsonPatch.compare(before, after).map(addition)
}

/** What the patch can touch, and nothing beside it, which may be a lot. A null parent counts as absent,
 * since an `add` may stand on it. */
function slice(route: JsonObject): JsonObject {
  return {
    metadata: part(objectAt(route, 'metadata'), 'annotations', [SECRET]),
    spec: part(objectAt(route, 'spec'), 'tls', ['secretName', 'options']),
  }
}

function part(parent: JsonObject, key: string, touched: readonly string[]): JsonObject {
  const value = parent[key]
  if (!isJsonObject(value)) return {}
  const members = touched.filter((name) => Object.hasOwn(value, name))
  return { [key]: Object.fromEntries(members.map((name) => [name, value[name]])) }
}

/** An annotation or secretName that is there but empty or null counts as absent too: `add` replaces it. */
function addition(operation: Operation): AddOperation<unknown> {
  if (operation.op === 'add') return operation
  if (operation.op === 'replace') return { ...operation, op: 'add' }
  throw new Error(`a patch may only add, not ${operation.op} ${operation.path}`)
}
