import type { JsonObject } from '../../shared/json/json.ts'
import { routeManifest } from '../stack/route-manifest.ts'

/** The JSON of a review of a route's creation, as long and in the order as the API server writes it. */
export function reviewBody(
  uid: string,
  route: JsonObject = plainRoute(),
  more: JsonObject = {},
): string {
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid,
      kind: { group: 'traefik.io', version: 'v1alpha1', kind: 'IngressRoute' },
      resource: { group: 'traefik.io', version: 'v1alpha1', resource: 'ingressroutes' },
      name: 'load',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'load', groups: ['system:masters', 'system:authenticated'] },
      object: route,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      ...more,
    },
  })
}

/** Two hosts over HTTPS, with what kubectl writes beside them: about 2 kB. */
function plainRoute(): JsonObject {
  const rules = ['Host(`load.example.com`) && PathPrefix(`/api`)', 'Host(`www.load.example.com`)']
  const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(1000) }
  const spec = { entryPoints: ['websecure'] }
  return routeManifest({
    namespace: 'default',
    name: 'load',
    rules,
    annotations: lastApplied,
    spec,
  })
}
