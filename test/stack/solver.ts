import { createServer, type Server } from 'node:http'
import type { JsonObject } from '../../shared/json.ts'
import { isJsonObject, listAt, objectAt, textAt } from '../../shared/json.ts'
import { listAll, type KubeClient } from '../../shared/kube/kube-client.ts'
import type { Resource } from '../../shared/kube/resources.ts'

const PODS: Resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }
const SERVICES: Resource = {
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
}
const TOKEN_LABEL = 'acme.cert-manager.io/http-token'
const SOLVER_PORT = 8089

/** Stands in for cert-manager's solver Pods, which nothing runs here: for each one it listens on the
 * ClusterIP of the Service with the same token, and answers as the solver would. */
export async function runSolverStandIn(client: KubeClient, signal: AbortSignal): Promise<void> {
  const servers = new Map<string, Server>()
  signal.addEventListener('abort', () => servers.forEach((server) => server.close()))
  while (!signal.aborted) {
    const labelSelector = 'acme.cert-manager.io/http01-solver=true'
    const { items, resourceVersion } = await listAll(client, {
      resource: PODS,
      labelSelector,
      signal,
    })
    for (const pod of items) await answerFor(pod, { client, servers })
    const watch = client.watch({ resource: PODS, resourceVersion, timeoutSeconds: 300, signal })
    for await (const { type, object } of watch) {
      if (type === 'DELETED') stop(object, servers)
      else if (type === 'ADDED') await answerFor(object, { client, servers })
    }
  }
}

type Context = { readonly client: KubeClient; readonly servers: Map<string, Server> }

async function answerFor(pod: JsonObject, { client, servers }: Context): Promise<void> {
  const metadata = objectAt(pod, 'metadata')
  const token = textAt(objectAt(metadata, 'labels'), TOKEN_LABEL)
  const uid = textAt(metadata, 'uid') ?? ''
  if (token === undefined || servers.has(uid)) return
  const address = await clusterIpOf(client, {
    namespace: textAt(metadata, 'namespace') ?? '',
    token,
  })
  if (address === undefined) return
  const { path, key } = argumentsOf(pod)
  const server = createServer((request, response) => {
    if (request.url === `/.well-known/acme-challenge/${path}`) response.end(key)
    else response.writeHead(404).end()
  })
  servers.set(uid, server)
  server.listen(SOLVER_PORT, address)
}

/** cert-manager makes the Service just after the Pod. */
async function clusterIpOf(
  client: KubeClient,
  { namespace, token }: { readonly namespace: string; readonly token: string },
): Promise<string | undefined> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const labelSelector = `${TOKEN_LABEL}=${token}`
    const { items } = await client.list({ resource: SERVICES, namespace, labelSelector })
    const address = items.map((service) => textAt(objectAt(service, 'spec'), 'clusterIP'))[0]
    if (address !== undefined) return address
  }
  return undefined
}

function argumentsOf(pod: JsonObject): { readonly path: string; readonly key: string } {
  const container = listAt(objectAt(pod, 'spec'), 'containers').find(isJsonObject) ?? {}
  const args = listAt(container, 'args').map(String)
  const value = (flag: string): string =>
    args.find((arg) => arg.startsWith(`--${flag}=`))?.slice(flag.length + 3) ?? ''
  return { path: value('token'), key: value('key') }
}

function stop(pod: JsonObject, servers: Map<string, Server>): void {
  const uid = textAt(objectAt(pod, 'metadata'), 'uid') ?? ''
  servers.get(uid)?.close()
  servers.get(uid)?.closeAllConnections()
  servers.delete(uid)
}
