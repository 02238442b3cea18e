import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, NONE, NOTHING, objectAt, type JsonObject } from '../json/json.ts'
import type { ObjectMeta } from '../kube/object.ts'
import { FIELD_MANAGER } from '../kube/ours.ts'
import { OPTION_FIELDS } from './annotations/spec-annotations.ts'

/** What a Certificate says beside its names, its Secret and its issuer. */
export type Options = {
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: JsonObject
}

/** The fields of a Certificate's spec that a route's annotations can set. */
export function optionsIn(spec: JsonObject): JsonObject {
  const options = Object.entries(spec).filter(([key]) => OPTION_FIELDS.has(key))
  return options.length === 0 ? NOTHING : Object.fromEntries(options)
}

/** Those of them, and of the annotations, that are ours by server-side apply: the way to each. */
export function ownedOptions({ managedFields }: ObjectMeta): readonly string[] {
  const ours = managedFields.filter(({ manager }) => manager === FIELD_MANAGER)
  const owned = ours.flatMap(({ fieldsV1 }) => [
    ...waysIn({ annotations: objectAt(objectAt(fieldsV1, 'f:metadata'), 'f:annotations') }),
    ...Object.entries(objectAt(fieldsV1, 'f:spec'))
      .filter(([key]) => OPTION_FIELDS.has(key.slice('f:'.length)))
      .flatMap(([key, fields]) => waysIn({ spec: { [key]: fields } })),
  ])
  return owned.length === 0 ? NONE : owned
}

/** Those that are ours, as they are. */
export function ownOptions({
  metadata,
  spec,
  owned,
}: {
  readonly metadata: Pick<ObjectMeta, 'annotations'>
  readonly spec: { readonly options: JsonObject }
  readonly owned: readonly string[]
}): Options {
  const annotated = Object.entries(metadata.annotations)
  return {
    annotations: Object.fromEntries(
      annotated.filter(([key]) => owned.includes(`annotations ${key}`)),
    ),
    spec: leavesAt(spec.options, new Set(owned), 'spec'),
  }
}

/** The leaves of an object to which one of these ways leads. */
function leavesAt(object: JsonObject, ways: ReadonlySet<string>, path: string): JsonObject {
  const entries = Object.entries(object).flatMap(([key, value]): [string, unknown][] => {
    const way = `${path} ${key}`
    if (ways.has(way)) return [[key, value]]
    const inner = isJsonObject(value) ? leavesAt(value, ways, way) : NOTHING
    return Object.keys(inner).length === 0 ? [] : [[key, inner]]
  })
  return Object.fromEntries(entries)
}

/** Whether a Certificate has all of these options, and of ours no other; what others set stays theirs. */
export function hasOptions(
  { owned, ...options }: Options & { readonly owned: readonly string[] },
  desired: Options,
): boolean {
  if (!covers(options, desired)) return false
  if (owned.length === 0) return true
  const wanted = new Set(waysIn(desired))
  return owned.every((way) => wanted.has(way))
}

function covers(actual: unknown, desired: unknown): boolean {
  if (!isJsonObject(desired)) return isDeepStrictEqual(actual, desired)
  return (
    isJsonObject(actual) &&
    Object.entries(desired).every(([key, value]) => covers(actual[key], value))
  )
}

/** The ways to all leaves of an object, keys with spaces between; of managed fields (`f:` before each
 * key, `.` for the parent itself) the same. */
function waysIn(object: JsonObject): readonly string[] {
  return Object.entries(object).flatMap(([key, value]) => {
    if (key === '.') return []
    const name = key.replace(/^f:/, '')
    if (!isJsonObject(value) || Object.keys(value).length === 0) return [name]
    return waysIn(value).map((way) => `${name} ${way}`)
  })
}
