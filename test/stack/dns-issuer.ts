import { RESOURCES } from '../../shared/kube/resources.ts'
import type { Knot } from './knot.ts'
import type { Stack } from './stack.ts'

/** The ClusterIssuer for wildcards of `deploy/`, but for the stack's own ACME server: DNS-01 by updates of
 * the zone that Knot serves. What cert-manager would wait for its record to be seen is left out. */
export async function applyDnsIssuer(
  stack: Stack,
  { address, keyName, secret }: Knot,
): Promise<void> {
  const name = 'letsencrypt-prod-dns'
  await stack.client.create(RESOURCES.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'cert-manager', name: 'dns-key' },
    stringData: { key: secret },
  })
  const rfc2136 = {
    nameserver: address,
    tsigKeyName: keyName,
    tsigAlgorithm: 'HMACSHA256',
    tsigSecretSecretRef: { name: 'dns-key', key: 'key' },
  }
  const issuer = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name },
    spec: {
      acme: {
        server: stack.acme.directory,
        privateKeySecretRef: { name: `${name}-account` },
        solvers: [{ dns01: { rfc2136 }, waitInsteadOfSelfCheck: '1s' }],
      },
    },
  }
  await stack.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify(issuer) })
  await stack.kubectl(['wait', '--for=condition=Ready', `clusterissuer/${name}`, '--timeout=30s'])
}
