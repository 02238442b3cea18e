import { KubeError } from './kube-error.ts'

/** A kind of object as the API server's paths name it. */
export type Resource = {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

/** Every kind that tlsauto reads or writes. */
export const RESOURCES = {
  ingressRoutes: namespaced('traefik.io/v1alpha1', 'IngressRoute', 'ingressroutes'),
  ingressRouteTCPs: namespaced('traefik.io/v1alpha1', 'IngressRouteTCP', 'ingressroutetcps'),
  middlewares: namespaced('traefik.io/v1alpha1', 'Middleware', 'middlewares'),
  certificates: namespaced('cert-manager.io/v1', 'Certificate', 'certificates'),
  tlsStores: namespaced('traefik.io/v1alpha1', 'TLSStore', 'tlsstores'),
  tlsOptions: namespaced('traefik.io/v1alpha1', 'TLSOption', 'tlsoptions'),
  serversTransports: namespaced('traefik.io/v1alpha1', 'ServersTransport', 'serverstransports'),
  serversTransportTcps: namespaced(
    'traefik.io/v1alpha1',
    'ServersTransportTCP',
    'serverstransporttcps',
  ),
  certificateRequests: namespaced(
    'cert-manager.io/v1',
    'CertificateRequest',
    'certificaterequests',
  ),
  orders: namespaced('acme.cert-manager.io/v1', 'Order', 'orders'),
  challenges: namespaced('acme.cert-manager.io/v1', 'Challenge', 'challenges'),
  issuers: namespaced('cert-manager.io/v1', 'Issuer', 'issuers'),
  clusterIssuers: clusterWide('cert-manager.io/v1', 'ClusterIssuer', 'clusterissuers'),
  clusterRoleBindings: clusterWide(
    'rbac.authorization.k8s.io/v1',
    'ClusterRoleBinding',
    'clusterrolebindings',
  ),
  events: namespaced('v1', 'Event', 'events'),
  referenceGrants: namespaced(
    'gateway.networking.k8s.io/v1beta1',
    'ReferenceGrant',
    'referencegrants',
  ),
  pods: namespaced('v1', 'Pod', 'pods'),
  services: namespaced('v1', 'Service', 'services'),
  ingresses: namespaced('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  secrets: namespaced('v1', 'Secret', 'secrets'),
  gateways: namespaced('gateway.networking.k8s.io/v1', 'Gateway', 'gateways'),
  deployments: namespaced('apps/v1', 'Deployment', 'deployments'),
  daemonSets: namespaced('apps/v1', 'DaemonSet', 'daemonsets'),
  statefulSets: namespaced('apps/v1', 'StatefulSet', 'statefulsets'),
  replicaSets: namespaced('apps/v1', 'ReplicaSet', 'replicasets'),
  replicationControllers: namespaced('v1', 'ReplicationController', 'replicationcontrollers'),
  jobs: namespaced('batch/v1', 'Job', 'jobs'),
  cronJobs: namespaced('batch/v1', 'CronJob', 'cronjobs'),
  podTemplates: namespaced('v1', 'PodTemplate', 'podtemplates'),
  configMaps: namespaced('v1', 'ConfigMap', 'configmaps'),
  resourceQuotas: namespaced('v1', 'ResourceQuota', 'resourcequotas'),
  ingressClasses: clusterWide('networking.k8s.io/v1', 'IngressClass', 'ingressclasses'),
  accessReviews: clusterWide(
    'authorization.k8s.io/v1',
    'SubjectAccessReview',
    'subjectaccessreviews',
  ),
  domainClaims: clusterWide('tlsauto.dev/v1alpha1', 'DomainClaim', 'domainclaims'),
  leases: namespaced('coordination.k8s.io/v1', 'Lease', 'leases'),
  namespaces: clusterWide('v1', 'Namespace', 'namespaces'),
  mutatingWebhooks: clusterWide(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
  ),
  validatingWebhooks: clusterWide(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
  ),
  admissionPolicies: clusterWide(
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicy',
    'validatingadmissionpolicies',
  ),
  admissionPolicyBindings: clusterWide(
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
  ),
} as const satisfies Readonly<Record<string, Resource>>

/** No object has such a name (apimachinery, `IsValidPathSegmentName`), but a path with it is that of another: of
 * `secrets/..` the namespace, of `secrets/` all Secrets. */
const NO_NAMES: ReadonlySet<string> = new Set(['', '.', '..'])

/** The path of a collection, or of one object of it. Throws a KubeError with status 404 where the name can be
 * nobody's: some come from fields in which users may write anything. */
export function pathOf(
  resource: Resource,
  at: { readonly namespace?: string | undefined; readonly name?: string },
): string {
  for (const part of [at.namespace, at.name]) {
    if (part === undefined || !NO_NAMES.has(part)) continue
    throw new KubeError(`${resource.plural} ${JSON.stringify(part)} not found`, { status: 404 })
  }
  const root = resource.apiVersion.includes('/') ? '/apis' : '/api'
  const inNamespace = resource.namespaced && at.namespace !== undefined
  const parts = [
    root,
    resource.apiVersion,
    ...(inNamespace ? ['namespaces', encodeURIComponent(at.namespace)] : []),
    resource.plural,
    ...(at.name === undefined ? [] : [encodeURIComponent(at.name)]),
  ]
  return parts.join('/')
}

function namespaced(apiVersion: string, kind: string, plural: string): Resource {
  return { apiVersion, kind, plural, namespaced: true }
}

function clusterWide(apiVersion: string, kind: string, plural: string): Resource {
  return { apiVersion, kind, plural, namespaced: false }
}
