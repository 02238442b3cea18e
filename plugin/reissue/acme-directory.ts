import type { IssuerRef } from '../../shared/certmanager/certificate.ts'
import { issuerTarget } from '../../shared/certmanager/issuer.ts'
import { objectAt, textAt } from '../../shared/json/json.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'

/** The ACME directories of issuers, each asked for once: null where an issuer has none or is not there,
 * undefined where it may not be read or is of another kind than cert-manager's own. */
export function acmeDirectories(
  client: KubeClient,
): (issuer: IssuerRef, namespace: string) => Promise<string | null | undefined> {
  const known = new Map<string, Promise<string | null | undefined>>()
  return async (issuer, namespace) => {
    const key = `${issuer.group} ${issuer.kind} ${namespace}/${issuer.name}`
    const answer = known.get(key) ?? directoryOf(client, issuer, namespace)
    known.set(key, answer)
    return answer
  }
}

async function directoryOf(
  client: KubeClient,
  issuer: IssuerRef,
  namespace: string,
): Promise<string | null | undefined> {
  const target = issuerTarget(issuer, namespace)
  if (target === undefined) return undefined
  const found = await client.get(target)
  if (found.kind === 'forbidden') return undefined
  if (found.kind === 'missing') return null
  return textAt(objectAt(objectAt(found.object, 'spec'), 'acme'), 'server') ?? null
}
