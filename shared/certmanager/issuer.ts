import { isJsonObject, objectAt } from '../json/json.ts'
import type { Target } from '../kube/kube-client.ts'
import { parseConditions, parseMeta, type Condition, type ObjectMeta } from '../kube/object.ts'
import { RESOURCES } from '../kube/resources.ts'
import type { IssuerRef } from './certificate.ts'

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

/** What to ask the API server for about an issuer that a namespace's Certificate names; undefined: it is of a kind that
 * cert-manager does not know itself. */
export function issuerTarget(
  { group, kind, name }: IssuerRef,
  namespace: string,
): Target | undefined {
  if (group !== 'cert-manager.io') return undefined
  return kind === 'ClusterIssuer'
    ? { resource: RESOURCES.clusterIssuers, name }
    : { resource: RESOURCES.issuers, namespace, name }
}
