import { objectAt } from '../../../shared/json/json.ts'
import { isStatus } from '../../../shared/kube/kube-error.ts'
import type { KubeClient } from '../../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../../shared/kube/resources.ts'
import type { ServiceAccount } from './shipped-to.ts'

/** What the roles of deploy/tlsauto.yaml must give: group, resource, verb. */
const RIGHTS = [
  ['traefik.io', 'ingressroutes', 'create'],
  ['traefik.io', 'ingressroutes', 'patch'],
  ['traefik.io', 'ingressroutetcps', 'patch'],
  ['traefik.io', 'middlewares', 'create'],
  ['cert-manager.io', 'certificates', 'create'],
  ['cert-manager.io', 'certificates', 'patch'],
  // Until it knows all of these it writes nothing.
  ['networking.k8s.io', 'ingresses', 'list'],
  ['tlsauto.dev', 'domainclaims', 'list'],
  ['tlsauto.dev', 'domainclaims', 'create'],
  ['tlsauto.dev', 'domainclaims', 'patch'],
  ['', 'namespaces', 'watch'],
  ['', 'events', 'create'],
] as const

/** Which of them tlsauto's ServiceAccount does not have; undefined: not yours to ask. */
export async function rightsMissing(
  client: KubeClient,
  account: ServiceAccount,
): Promise<readonly string[] | undefined> {
  try {
    const answers = await Promise.all(RIGHTS.map(async (right) => mayDo(client, account, right)))
    return RIGHTS.flatMap(([, resource, verb], index) =>
      answers[index] === true ? [] : [`${verb} ${resource}`],
    )
  } catch (error) {
    if (isStatus(error, 403)) return undefined
    throw error
  }
}

async function mayDo(
  client: KubeClient,
  { namespace, name }: ServiceAccount,
  [group, resource, verb]: (typeof RIGHTS)[number],
): Promise<boolean> {
  const review = await client.create(RESOURCES.accessReviews, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: `system:serviceaccount:${namespace}:${name}`,
      groups: [
        'system:serviceaccounts',
        `system:serviceaccounts:${namespace}`,
        'system:authenticated',
      ],
      resourceAttributes: { group, resource, verb },
    },
  })
  return objectAt(review, 'status')['allowed'] === true
}
