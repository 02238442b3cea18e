import { isJsonObject, listAt, objectAt, type JsonObject } from '../../shared/json/json.ts'
import type { Resource } from '../../shared/kube/resources.ts'
import type { Stack } from './stack.ts'
import { until } from './until.ts'

const CRDS: Resource = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

/** Applies cert-manager's and Traefik's own CRDs and waits until the API server serves them. */
export async function applyCrds({
  built,
  kubectl,
  client,
}: Pick<Stack, 'built' | 'kubectl' | 'client'>): Promise<void> {
  // Not validated: for that kubectl would first fetch every schema there is.
  const options = ['--server-side', '--validate=false']
  await kubectl(['apply', ...options, ...built.crds.flatMap((path) => ['-f', path])])
  await until('the CRDs to be established', async () => {
    const { items } = await client.list({ resource: CRDS })
    return items.every((crd) => isEstablished(crd)) || undefined
  })
}

function isEstablished(crd: JsonObject): boolean {
  const conditions = listAt(objectAt(crd, 'status'), 'conditions').filter(isJsonObject)
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True')
}
