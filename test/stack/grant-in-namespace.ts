import type { Stack } from './stack.ts'

type Rule = Readonly<Record<'apiGroups' | 'resources' | 'verbs', readonly string[]>>

/** Gives a user these rights in a namespace, and none elsewhere; RBAC may take a moment to know. */
export async function grantInNamespace(
  stack: Stack,
  { user, namespace }: { readonly user: string; readonly namespace: string },
  rules: readonly Rule[],
): Promise<void> {
  const api = { apiVersion: 'rbac.authorization.k8s.io/v1' }
  const apiGroup = 'rbac.authorization.k8s.io'
  const metadata = { namespace, name: 'tenant' }
  const subjects = [{ apiGroup, kind: 'User', name: user }]
  const roleRef = { apiGroup, kind: 'Role', name: 'tenant' }
  const items = [
    { ...api, kind: 'Role', metadata, rules },
    { ...api, kind: 'RoleBinding', metadata, roleRef, subjects },
  ]
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await stack.kubectl(['apply', '-f', '-'], { input: list })
}
