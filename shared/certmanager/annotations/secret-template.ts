import { isJsonObject, type JsonObject } from '../../json/json.ts'

/** Reads the JSON of a `secretTemplate`, as strictly as cert-manager: labels and annotations, and none
 * of cert-manager's own. Without any of them it is empty; undefined: it is none. */
export function parseSecretTemplate(text: string): JsonObject | undefined {
  const value = parseJson(text)
  if (!isJsonObject(value)) return undefined
  if (Object.keys(value).some((key) => !(key in CHECKS))) return undefined
  const parts = Object.entries(CHECKS).flatMap(([key, isAllowed]) => {
    const entries = value[key] ?? {}
    if (!isJsonObject(entries)) return [undefined]
    const fits = Object.entries(entries).every((entry) => isTexts(entry) && isAllowed(entry))
    if (!fits) return [undefined]
    return Object.keys(entries).length === 0 ? [] : [[key, entries] as const]
  })
  const known = parts.filter((part) => part !== undefined)
  return known.length === parts.length ? Object.fromEntries(known) : undefined
}

type Entry = readonly [key: string, value: string]

/** Names of labels and annotations, and values of labels: as the API server checks them on the Secret. */
const NAME = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

const CHECKS: Readonly<Record<string, (entry: Entry) => boolean>> = {
  annotations: ([key]) => NAME.test(key) && !key.startsWith('cert-manager.io/'),
  labels: ([key, value]) => NAME.test(key) && LABEL_VALUE.test(value),
}

function isTexts(entry: readonly [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
