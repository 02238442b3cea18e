import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml'
import { isJsonObject, jsonObjectsAt, type JsonObject } from '../../shared/json/json.ts'
import { JsonFault, readJsonDocuments } from './json-documents.ts'

/** A file of manifests: its name for messages, and what it says. */
export type ManifestFile = { readonly name: string; readonly text: string }

/** The objects of a file, Lists taken apart: YAML with any number of documents, or JSON. Throws an
 * Error that names the file, the document and the line that can't be read. */
export function readManifests(file: ManifestFile): readonly JsonObject[] {
  const documents = parse(file)
  return documents.flatMap((document, index) => {
    if (document === null || document === undefined) return []
    if (isJsonObject(document)) return objectsOf(document)
    throw new Error(`${file.name}: document ${index + 1} is not an object`)
  })
}

function objectsOf(document: JsonObject): readonly JsonObject[] {
  const kind = document['kind']
  if (typeof kind !== 'string' || !kind.endsWith('List')) return [document]
  return jsonObjectsAt(document, 'items').flatMap(objectsOf)
}

/** JSON is told by its first object: YAML would read it too, but would find sense in its mistakes. */
const JSON_START = /^\uFEFF?\s*\{\s*["}]/
const SEPARATOR = /^---(\s|$)/
const NO_CONTENT = /^\s*(#|$)|^%/

/** As kubectl reads YAML: with merge keys. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag)

function parse({ name, text }: ManifestFile): readonly unknown[] {
  const isJson = JSON_START.test(text) && !/^---/m.test(text)
  try {
    return isJson ? readJsonDocuments(text) : loadAll(text, { schema: SCHEMA })
  } catch (cause) {
    if (cause instanceof JsonFault) {
      const { document, line, message } = cause
      throw new Error(`${name}: document ${document}, line ${line}: ${message}`, { cause })
    }
    if (!(cause instanceof YAMLException)) throw cause
    const line = (cause.mark?.line ?? 0) + 1
    const document = documentAt(text, { line, column: cause.mark?.column ?? 0 })
    throw new Error(`${name}: document ${document}, line ${line}: ${cause.reason}`, { cause })
  }
}

/** Which document a place is in; both from 1. A separator's line belongs to what it ends. */
function documentAt(text: string, at: { readonly line: number; readonly column: number }): number {
  const rows = text.split('\n').slice(0, at.column > 0 ? at.line : at.line - 1)
  const first = rows.findIndex((row) => SEPARATOR.test(row))
  if (first === -1) return 1
  const hasHead = rows.slice(0, first).some((row) => !NO_CONTENT.test(row))
  return rows.filter((row) => SEPARATOR.test(row)).length + (hasHead ? 1 : 0)
}
