import { createServer, type Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { JsonObject } from '../../shared/json/json.ts'
import { isJsonObject, listAt, objectAt, textAt } from '../../shared/json/json.ts'
import { listAll, type KubeClient } from '../../shared/kube/kube-client.ts'
import type { Resource } from '../../shared/kube/resources.ts'
import { until } from './until.ts'

const PODS: Resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }
const SERVICES: Resource = {
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
}
const TOKEN_LABEL = 'acme.cert-manager.io/http-token'
const SOLVER_PORT = 8089
const PAUSE_MS = 500

export type SolverInput = {
  readonly client: KubeClient
  /** Told what went wrong; it goes on all the same. */
  readonly report: (line: string) => void
  readonly signal: AbortSignal
}

/** Stands in for cert-manager's solver Pods, which nothing runs here: for each one it listens on the
 * ClusterIP of the Service with the same token, and answers as the solver would. */
export async function runSolverStandIn(input: SolverInput): Promise<void> {
  const { report, signal } = input
  const servers = new Map<string, Server>()
  signal.addEventListener('abort', () => {
    servers.forEach((server) => close(server))
    // One that still looks for its Service must not begin to listen.
    servers.clear()
  })
  while (!signal.aborted) {
    try {
      await followPods({ ...input, servers })
    } catch (error) {
      // The API server is stopped and started in some tests.
      if (signal.aborted) return
      report(`the solver stand-in starts over: ${String(error)}`)
      await delay(PAUSE_MS)
    }
  }
}

type Context = SolverInput & { readonly servers: Map<string, Server> }

async function followPods(context: Context): Promise<void> {
  const { client, signal, servers, report } = context
  const labelSelector = 'acme.cert-manager.io/http01-solver=true'
  const { items, resourceVersion } = await listAll(client, {
    resource: PODS,
    labelSelector,
    signal,
  })
  const begin = (pod: JsonObject): void => {
    answerFor(pod, context).catch((error: unknown) => report(`a challenge: ${String(error)}`))
  }
  items.forEach((pod) => begin(pod))
  const watch = client.watch({ resource: PODS, resourceVersion, timeoutSeconds: 300, signal })
  for await (const { type, object } of watch) {
    if (type === 'ADDED') begin(object)
    if (type !== 'DELETED') continue
    const uid = uidOf(object)
    close(servers.get(uid))
    servers.delete(uid)
  }
}

async function answerFor(pod: JsonObject, { client, servers }: Context): Promise<void> {
  const metadata = objectAt(pod, 'metadata')
  const token = textAt(objectAt(metadata, 'labels'), TOKEN_LABEL)
  const uid = uidOf(pod)
  if (token === undefined || servers.has(uid)) return
  const { path, key } = argumentsOf(pod)
  const server = createServer((request, response) => {
    if (request.url === `/.well-known/acme-challenge/${path}`) response.end(key)
    else response.writeHead(404).end()
  })
  servers.set(uid, server)
  const namespace = textAt(metadata, 'namespace') ?? ''
  const address = await until(
    `the Service of the solver for token ${token}`,
    async () => clusterIpOf(client, { namespace, token }),
    10_000,
  )
  // The Pod may be gone again.
  if (servers.get(uid) === server) await listen(server, address)
}

/** cert-manager makes the Service just after the Pod. */
async function clusterIpOf(
  client: KubeClient,
  { namespace, token }: { readonly namespace: string; readonly token: string },
): Promise<string | undefined> {
  const labelSelector = `${TOKEN_LABEL}=${token}`
  const { items } = await client.list({ resource: SERVICES, namespace, labelSelector })
  return items.map((service) => textAt(objectAt(service, 'spec'), 'clusterIP'))[0]
}

function argumentsOf(pod: JsonObject): { readonly path: string; readonly key: string } {
  const container = listAt(objectAt(pod, 'spec'), 'containers').find(isJsonObject) ?? {}
  const args = listAt(container, 'args').map(String)
  const value = (flag: string): string =>
    args.find((arg) => arg.startsWith(`--${flag}=`))?.slice(flag.length + 3) ?? ''
  return { path: value('token'), key: value('key') }
}

async function listen(server: Server, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(SOLVER_PORT, address, resolve)
  })
}

function close(server: Server | undefined): void {
  server?.close()
  server?.closeAllConnections()
}

function uidOf(pod: JsonObject): string {
  return textAt(objectAt(pod, 'metadata'), 'uid') ?? ''
}
