import {
  isJsonObject,
  objectAt,
  objectsAt,
  stringsAt,
  textAt,
  type JsonObject,
} from '../json/json.ts'
import { keptAnnotations, keptLabels } from './kept-keys.ts'
import { countAt } from '../json/number.ts'
import { timeAt, type Time } from '../json/time.ts'
import { LONGEST } from '../json/text-limits.ts'

/** Metadata of a Kubernetes object: the slice that tlsauto reads, of labels and annotations too. Absent maps
 * and lists are empty. */
export type ObjectMeta = {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation: number
  /** RFC 3339, in whole seconds. */
  readonly creationTimestamp: string
  readonly deletionTimestamp: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly ownerReferences: readonly OwnerReference[]
  readonly managedFields: readonly ManagedFields[]
}

export type OwnerReference = {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}

/** Who owns which fields: `fieldsV1` is kept as it came. */
export type ManagedFields = {
  readonly manager: string
  readonly fieldsV1: JsonObject
}

export type KubeObject = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

export type Condition = {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: Time | undefined
}

/** Reads `metadata`, or undefined when there is no object there. */
export function parseMeta(value: unknown): ObjectMeta | undefined {
  if (!isJsonObject(value)) return undefined
  return {
    name: textAt(value, 'name') ?? '',
    namespace: textAt(value, 'namespace') ?? '',
    uid: textAt(value, 'uid') ?? '',
    resourceVersion: textAt(value, 'resourceVersion') ?? '',
    generation: countAt(value, 'generation'),
    creationTimestamp: textAt(value, 'creationTimestamp') ?? '',
    deletionTimestamp: textAt(value, 'deletionTimestamp'),
    labels: keptLabels(stringsAt(value, 'labels')),
    annotations: keptAnnotations(stringsAt(value, 'annotations')),
    ownerReferences: objectsAt(value, 'ownerReferences', parseOwner),
    managedFields: objectsAt(value, 'managedFields', parseManager),
  }
}

function parseOwner(owner: JsonObject): OwnerReference {
  return {
    apiVersion: textAt(owner, 'apiVersion') ?? '',
    kind: textAt(owner, 'kind') ?? '',
    name: textAt(owner, 'name') ?? '',
    uid: textAt(owner, 'uid') ?? '',
  }
}

function parseManager(entry: JsonObject): ManagedFields {
  return { manager: textAt(entry, 'manager') ?? '', fieldsV1: objectAt(entry, 'fieldsV1') }
}

/** Reads `status.conditions`. */
export function parseConditions(status: JsonObject): readonly Condition[] {
  return objectsAt(status, 'conditions', (condition) => ({
    type: textAt(condition, 'type') ?? '',
    status: textAt(condition, 'status') ?? '',
    reason: textAt(condition, 'reason') ?? '',
    message: messageAt(condition, 'message'),
    lastTransitionTime: timeAt(condition, 'lastTransitionTime'),
  }))
}

/** What somebody says in the member, as far as anybody reads. */
export function messageAt(parent: JsonObject, key: string): string {
  return textAt(parent, key)?.slice(0, LONGEST.message) ?? ''
}

/** The condition of that type, or undefined. */
export function findCondition(
  conditions: readonly Condition[],
  type: string,
): Condition | undefined {
  return conditions.find((condition) => condition.type === type)
}

/** A reference to an object as an owner: never `controller`, never `blockOwnerDeletion`, since a
 * Certificate may have many owners and must not hold up the deletion of any. */
export function ownerReference(object: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = object
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid }
}

/** Orders objects as the naming contract does: by creation, then name, then uid. */
export function byAge(a: KubeObject, b: KubeObject): number {
  return (
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compare(a.metadata.name, b.metadata.name) ||
    compare(a.metadata.uid, b.metadata.uid)
  )
}

/** Orders texts by their UTF-16 code units, as `sort` does. */
export function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** `namespace/name`: an object's key among those of its kind. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace}/${object.metadata.name}`
}

/** `Kind namespace/name`: an object's key among those of several kinds. */
export function kindKeyOf(object: KubeObject): string {
  return `${object.kind} ${keyOf(object)}`
}
