import type { IssuerRef } from '../../shared/certmanager/certificate.ts'
import { issuerTarget } from '../../shared/certmanager/issuer.ts'
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
  const target = issuerTarget(ref, namespace)
  return target === undefined ? { kind: 'missing' } : client.get(target)
}
