import { isJsonObject, listAt, objectAt, textAt, type JsonObject } from '../../shared/json.ts'

/** What runs in a cluster's Pods: its image and arguments. */
export type Workload = { readonly image: string; readonly args: readonly string[] }

/** The containers of a Deployment or a DaemonSet. */
export function workloads(object: JsonObject): readonly Workload[] {
  const pod = objectAt(objectAt(objectAt(object, 'spec'), 'template'), 'spec')
  return listAt(pod, 'containers')
    .filter(isJsonObject)
    .map((one) => ({ image: textAt(one, 'image') ?? '', args: listAt(one, 'args').map(String) }))
}
