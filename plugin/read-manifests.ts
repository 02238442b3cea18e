import { loadAll, YAMLException } from 'js-yaml'
import { isJsonObject, listAt, type JsonObject } from '../shared/json.ts'

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
  return listAt(document, 'items').filter(isJsonObject).flatMap(objectsOf)
}

function parse({ name, text }: ManifestFile): readonly unknown[] {
  try {
    return loadAll(text)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const line = (error.mark?.line ?? 0) + 1
    const before = text.split('\n').slice(0, line)
    const document = 1 + before.filter((row, index) => index > 0 && /^---(\s|$)/.test(row)).length
    throw new Error(`${name}: document ${document}, line ${line}: ${error.reason}`, {
      cause: error,
    })
  }
}
