import { objectAt, stringsAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { NamespaceSettings } from '../../shared/settings/settings.ts'

/** What Namespaces say, by their names: their labels and annotations. */
export function namespaceSettings(
  namespaces: readonly JsonObject[],
): ReadonlyMap<string, NamespaceSettings> {
  return new Map(
    namespaces
      .map((namespace) => objectAt(namespace, 'metadata'))
      .map((metadata) => [
        textAt(metadata, 'name') ?? '',
        { labels: stringsAt(metadata, 'labels'), annotations: stringsAt(metadata, 'annotations') },
      ]),
  )
}
