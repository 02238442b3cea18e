import type { IssuerRef } from '../../shared/certmanager/certificate.ts'
import type { KubeClient, Lookup } from '../../shared/kube/kube-client.ts'
import { RESOURCES } from '../../shared/kube/resources.ts'
import { listIfAllowed } from '../gather/list-if-allowed.ts'
import type { IssuerFacts } from './issuer-checks.ts'

/** Reads an issuer, and the classes that its solvers can use. */
export async function issuerFacts(
  client: KubeClient,
  ref: IssuerRef,
  at: { readonly host: string | undefined; readonly namespace: string },
): Promise<IssuerFacts> {
  const [issuer, ingressClasses] = await Promise.all([
    readIssuer(client, ref, at.namespace),
    listIfAllowed(client, { resource: RESOURCES.ingressClasses }),
  ])
  return { ref, issuer, host: at.host, ingressClasses }
}

async function readIssuer(client: KubeClient, ref: IssuerRef, namespace: string): Promise<Lookup> {
  if (ref.group !== 'cert-manager.io') return { kind: 'missing' }
  const { name, kind } = ref
  return kind === 'ClusterIssuer'
    ? client.get({ resource: RESOURCES.clusterIssuers, name })
    : client.get({ resource: RESOURCES.issuers, namespace, name })
}
