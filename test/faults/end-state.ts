import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import { FIELD_MANAGER, OUR_LABELS } from '../../shared/kube/ours.ts'
import type { Entry } from './history.ts'

/** What two runs of one scenario must agree on: all there is, without uids, versions, times and the
 * namespace's name. */
export type EndState = Readonly<Record<string, JsonObject>>

/** The end state of a namespace. Who owned an object that is gone is told apart from who owns one now. */
export function endStateOf(
  namespace: string,
  {
    objects,
    history,
  }: { readonly objects: readonly JsonObject[]; readonly history: readonly Entry[] },
): EndState {
  const uids = new Map<string, string>()
  for (const { kind, name, object } of history) {
    if (object !== undefined) uids.set(uidOf(object), `was ${kind}/${name}`)
  }
  for (const object of objects) uids.set(uidOf(object), nameOf(object))
  const plain = (object: JsonObject): JsonObject => {
    let text = JSON.stringify(normalised(object))
    for (const [uid, name] of uids) text = text.replaceAll(uid, name)
    const value: unknown = JSON.parse(text.replaceAll(namespace, 'NAMESPACE'))
    return isJsonObject(value) ? value : {}
  }
  return Object.fromEntries(
    objects
      .map((object) => [nameOf(object).replaceAll(namespace, 'NAMESPACE'), plain(object)] as const)
      .toSorted(([a], [b]) => a.localeCompare(b)),
  )
}

/** The objects that differ, as they should be and as they are. */
export function difference(expected: EndState, actual: EndState): string {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
  return [...names]
    .filter((name) => !isDeepStrictEqual(expected[name], actual[name]))
    .map((name) => {
      return `\n  ${name}\n    want ${JSON.stringify(expected[name])}\n    have ${JSON.stringify(actual[name])}`
    })
    .join('')
}

function normalised(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata')
  const { name, labels, annotations, ownerReferences, deletionTimestamp, finalizers } = metadata
  const owners = listAt({ ownerReferences }, 'ownerReferences')
  return {
    name,
    labels,
    annotations,
    finalizers,
    ownerReferences: owners.map((owner) => JSON.stringify(owner)).toSorted(),
    isBeingDeleted: deletionTimestamp !== undefined,
    fields: isOurs(metadata) ? ourFields(metadata) : undefined,
    spec: object['spec'],
    status: object['kind'] === 'Certificate' ? statusOf(objectAt(object, 'status')) : undefined,
  }
}

/** What tlsauto owns of what it made. On a user's route it depends on who was faster, webhook or
 * controller. */
function ourFields(metadata: JsonObject): readonly unknown[] {
  return listAt(metadata, 'managedFields')
    .filter(isJsonObject)
    .filter(({ manager }) => manager === FIELD_MANAGER)
    .map(({ operation, fieldsV1 }) => ({ operation, fieldsV1 }))
}

/** Not how often it was issued: cert-manager on a busy machine does it twice. */
function statusOf(status: JsonObject): JsonObject {
  const conditions = listAt(status, 'conditions').filter(isJsonObject)
  return {
    isIssued: textAt(status, 'notAfter') !== undefined,
    isReady: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
  }
}

function isOurs(metadata: JsonObject): boolean {
  const labels = objectAt(metadata, 'labels')
  return Object.entries(OUR_LABELS).every(([key, value]) => labels[key] === value)
}

function uidOf(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'uid') ?? ''
}

function nameOf(object: JsonObject): string {
  return `${textAt(object, 'kind')}/${textAt(objectAt(object, 'metadata'), 'name')}`
}
