import { printable } from '../../shared/findings/reasons.ts'
import { jsonObjectsAt, objectAt, textAt, type JsonObject } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { RESOURCES, type Resource } from '../../shared/kube/resources.ts'
import { listIfAllowed } from './list-if-allowed.ts'

/** What belongs to an application of the whole cluster. */
export type AppObjects = {
  readonly objects: readonly JsonObject[]
  /** The namespaces whose objects have its label, and that nothing shows to be its own. */
  readonly doubted: readonly string[]
}

/** The objects of these kinds that have the label of an application (as its Helm chart sets it), in the namespaces
 * that are its own. In a namespace any tenant can set that label. A ClusterRoleBinding only an administrator
 * can make: the namespace of the ServiceAccount in the application's own is believed. Who may not list those sees
 * objects only where all are in one namespace. */
export async function appObjects(
  client: KubeClient,
  app: 'traefik' | 'cert-manager',
  resources: readonly Resource[],
): Promise<AppObjects> {
  const labelSelector = `app.kubernetes.io/name=${app}`
  const [bindings, ...lists] = await Promise.all(
    [RESOURCES.clusterRoleBindings, ...resources].map(async (resource) =>
      listIfAllowed(client, { resource, labelSelector }),
    ),
  )
  return believed(
    lists.flatMap((list) => list ?? []),
    bindings?.flatMap(serviceAccountNamespaces),
  )
}

/** `known` are the application's namespaces; undefined: nobody here can tell. */
export function believed(
  objects: readonly JsonObject[],
  known: readonly string[] | undefined,
): AppObjects {
  const found = [...new Set(objects.map(namespaceOf))].toSorted()
  const own = new Set(known ?? (found.length === 1 ? found : []))
  return {
    objects: objects.filter((object) => own.has(namespaceOf(object))),
    doubted: found.filter((namespace) => !own.has(namespace)),
  }
}

/** What a command says of them; undefined: nothing. */
export function doubtNote(doubted: readonly string[]): string | undefined {
  if (doubted.length === 0) return undefined
  return `not used, since no ClusterRoleBinding with the label app.kubernetes.io/name=traefik names a ServiceAccount of their namespace: what has the label of Traefik in ${doubted.map(printable).join(', ')}; --address says where Traefik is`
}

function serviceAccountNamespaces(binding: JsonObject): readonly string[] {
  return jsonObjectsAt(binding, 'subjects')
    .filter(({ kind }) => kind === 'ServiceAccount')
    .flatMap((subject) => textAt(subject, 'namespace') ?? [])
}

function namespaceOf(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'namespace') ?? ''
}
