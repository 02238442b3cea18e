/** A JSON object whose members are not known yet. */
export type JsonObject = { readonly [key: string]: unknown }

/** An empty object and an empty list, one for all: of ten thousand objects most have none of this or that. */
export const NOTHING: Readonly<Record<string, never>> = Object.freeze({})
export const NONE: readonly never[] = Object.freeze([])

/** Whether a value is a JSON object (not null, not a list). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member's value if it is a JSON object, else an empty one: for optional parents on a path. */
export function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = parent[key]
  return isJsonObject(value) ? value : NOTHING
}

/** The member's value if it is a string that is not empty; Go's JSON reads both alike. */
export function textAt(parent: JsonObject, key: string): string | undefined {
  const value = parent[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The member's items if it is a list, else none. */
export function listAt(parent: JsonObject, key: string): readonly unknown[] {
  const value = parent[key]
  return Array.isArray(value) && value.length > 0 ? value : NONE
}

/** What `parse` makes of each JSON object in the member's list; of what is none, nothing. */
export function objectsAt<T>(
  parent: JsonObject,
  key: string,
  parse: (object: JsonObject) => T,
): readonly T[] {
  const objects = jsonObjectsAt(parent, key)
  return objects.length === 0 ? NONE : objects.map(parse)
}

/** The JSON objects in the member's list. */
export function jsonObjectsAt(parent: JsonObject, key: string): readonly JsonObject[] {
  const list = listAt(parent, key)
  return list.every(isJsonObject) ? list : list.filter(isJsonObject)
}

/** The strings in the member's list: the list itself where it holds nothing else, since one that `filter` makes
 * has room for sixteen. */
export function textsAt(parent: JsonObject, key: string): readonly string[] {
  const list = listAt(parent, key)
  return list.every(isText) ? list : list.filter(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** The members of a JSON object whose values are strings: labels, annotations. */
export function stringsAt(parent: JsonObject, key: string): Readonly<Record<string, string>> {
  const object = objectAt(parent, key)
  if (holdsStrings(object)) return object
  return Object.fromEntries(
    Object.entries(object).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}

function holdsStrings(object: JsonObject): object is Readonly<Record<string, string>> {
  return Object.values(object).every((value) => typeof value === 'string')
}
