import type { Stack } from './stack.ts'

/** The ClusterIssuer of `deploy/`, but for the stack's own ACME server (or one before it): HTTP-01 through Traefik. Its
 * web port is not 80, so cert-manager's own check of the challenge has to be left out; what it waits
 * instead must be enough for Traefik to answer, on a busy machine too: of several changes it takes the later ones
 * up to 2 s after they were made (providers.providersThrottleDuration). */
export async function applyIssuer(
  stack: Stack,
  name = 'letsencrypt-prod',
  server = stack.acme.directory,
): Promise<void> {
  const issuer = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name },
    spec: {
      acme: {
        server,
        privateKeySecretRef: { name: `${name}-account` },
        solvers: [
          { http01: { ingress: { ingressClassName: 'traefik' } }, waitInsteadOfSelfCheck: '4s' },
        ],
      },
    },
  }
  await stack.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify(issuer) })
  await stack.kubectl(['wait', '--for=condition=Ready', `clusterissuer/${name}`, '--timeout=30s'])
}
