import { isJsonObject, objectAt } from '../json/json.ts'
import { parseConditions, parseMeta, type Condition, type ObjectMeta } from '../kube/object.ts'

/** The slice of an Issuer or ClusterIssuer that tlsauto reads. */
export type Issuer = {
  readonly metadata: ObjectMeta
  readonly conditions: readonly Condition[]
}

/** Reads an issuer from JSON, or undefined when it is none. */
export function parseIssuer(value: unknown): Issuer | undefined {
  if (!isJsonObject(value)) return undefined
  const metadata = parseMeta(value['metadata'])
  if (metadata === undefined) return undefined
  return { metadata, conditions: parseConditions(objectAt(value, 'status')) }
}
