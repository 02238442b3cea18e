import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { ClusterFlags } from './options.ts'

/** The namespace to look in, or undefined for all. */
export function namespaceOf(cluster: ClusterFlags, client: KubeClient): string | undefined {
  return cluster.allNamespaces ? undefined : (cluster.namespace ?? client.namespace)
}
