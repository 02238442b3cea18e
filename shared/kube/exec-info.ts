import type { JsonObject } from '../json/json.ts'

/** What an exec plugin is told of the cluster, where its user says `provideClusterInfo`. */
export type ExecCluster = {
  readonly server: string
  readonly tlsServerName?: string | undefined
  readonly insecure?: boolean | undefined
  /** Base64. */
  readonly caData?: string | undefined
  readonly proxyUrl?: string | undefined
}

/** The JSON of the variable KUBERNETES_EXEC_INFO, from which an exec plugin takes the version to answer in, as
 * kubectl gives it (`ExecCredential` of client.authentication.k8s.io). It is never to ask on the terminal. */
export function execInfo(apiVersion: string, cluster?: ExecCluster): string {
  const spec: JsonObject = {
    ...(cluster === undefined ? {} : { cluster: clusterInfo(cluster) }),
    interactive: false,
  }
  return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec })
}

function clusterInfo({
  server,
  tlsServerName,
  insecure,
  caData,
  proxyUrl,
}: ExecCluster): JsonObject {
  return {
    server,
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
    ...(insecure === true ? { 'insecure-skip-tls-verify': true } : {}),
    ...(caData === undefined ? {} : { 'certificate-authority-data': caData }),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
    // Of the kubeconfig's extensions the library keeps none.
    config: null,
  }
}
