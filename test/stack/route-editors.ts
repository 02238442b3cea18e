import { kubeClient } from '../../shared/kube/client.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { Stack } from './stack.ts'

/** Two users with rights of their own: both may edit routes in every namespace, and only Alice may
 * create Certificates. */
export type RouteEditors = { readonly alice: KubeClient; readonly bob: KubeClient }

/** The ClusterRole that Bob lacks. */
export const CERTIFICATE_CREATOR = 'certificate-creator'

/** Grants them their rights; RBAC may take a moment to know. */
export async function createRouteEditors(stack: Stack): Promise<RouteEditors> {
  const items = [
    role('route-editor', {
      apiGroups: ['traefik.io'],
      resources: ['ingressroutes', 'ingressroutetcps'],
      verbs: ['*'],
    }),
    role(CERTIFICATE_CREATOR, {
      apiGroups: ['cert-manager.io'],
      resources: ['certificates'],
      verbs: ['create'],
    }),
    binding('route-editor', ['alice', 'bob']),
    binding(CERTIFICATE_CREATOR, ['alice']),
  ]
  const list = { apiVersion: 'v1', kind: 'List', items }
  await stack.kubectl(['apply', '-f', '-'], { input: JSON.stringify(list) })
  return {
    alice: kubeClient({ kubeconfig: await stack.userKubeconfig('alice') }),
    bob: kubeClient({ kubeconfig: await stack.userKubeconfig('bob') }),
  }
}

type Rule = Readonly<Record<'apiGroups' | 'resources' | 'verbs', readonly string[]>>

function role(name: string, rule: Rule): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [rule],
  }
}

function binding(name: string, users: readonly string[]): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: users.map((user) => ({ kind: 'User', name: user })),
  }
}
