import {
  jsonObjectsAt,
  objectAt,
  textAt,
  textsAt,
  type JsonObject,
} from '../../shared/json/json.ts'
import type { Lookup } from '../../shared/kube/kube-client.ts'

/** What runs in a cluster's Pods. */
export type Workload = {
  readonly image: string
  /** Its command's words too. */
  readonly args: readonly string[]
  /** The names of its environment variables; `*` stands for those of a whole ConfigMap or Secret. */
  readonly variables: readonly string[]
  /** Where volumes are mounted. */
  readonly mounts: readonly string[]
}

/** The containers of a Deployment or a DaemonSet. */
export function workloads(object: JsonObject): readonly Workload[] {
  return containersOf(object).map((one) => ({
    image: textAt(one, 'image') ?? '',
    args: argumentsOf(one),
    variables: [
      ...jsonObjectsAt(one, 'env').map((variable) => textAt(variable, 'name') ?? ''),
      ...jsonObjectsAt(one, 'envFrom').map(() => '*'),
    ],
    mounts: jsonObjectsAt(one, 'volumeMounts').map((mount) => textAt(mount, 'mountPath') ?? ''),
  }))
}

/** The containers of a Deployment or a DaemonSet, as they stand there. */
export function containersOf(object: JsonObject): readonly JsonObject[] {
  return jsonObjectsAt(podSpecOf(object), 'containers')
}

/** The ServiceAccount that the Pods of a Deployment run as; undefined: nobody here can tell. */
export function serviceAccountOf(deployment: Lookup): string | undefined {
  if (deployment.kind !== 'found') return undefined
  return textAt(podSpecOf(deployment.object), 'serviceAccountName') ?? 'default'
}

function podSpecOf(object: JsonObject): JsonObject {
  return objectAt(objectAt(objectAt(object, 'spec'), 'template'), 'spec')
}

/** The words that a container is started with. */
export function argumentsOf(container: JsonObject): readonly string[] {
  return [...textsAt(container, 'command'), ...textsAt(container, 'args')]
}
