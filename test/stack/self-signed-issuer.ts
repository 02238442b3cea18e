import type { Stack } from './stack.ts'

/** A ClusterIssuer that signs at once and asks nobody: for tests that need certificates, and no ACME. */
export async function applySelfSignedIssuer(
  stack: Stack,
  name = 'letsencrypt-prod',
): Promise<void> {
  const issuer = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name },
    spec: { selfSigned: {} },
  }
  await stack.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify(issuer) })
  await stack.kubectl(['wait', '--for=condition=Ready', `clusterissuer/${name}`, '--timeout=30s'])
}
