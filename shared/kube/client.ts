import { Agent as PlainAgent } from 'node:http'
import { Agent, type RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import type { KubeClient } from './kube-client.ts'
import { loadConfig, noCredentials, type ConfigOptions } from './kubeconfig.ts'
import { restClient } from './rest-client.ts'
import { exchange, type Credentials, type Transport } from './transport.ts'

/** Whose credentials, for which cluster. */
export type ClientOptions = ConfigOptions & {
  /** Milliseconds until a request without an answer fails; a watch has no such limit. */
  readonly timeout?: number
}

/** A client with the credentials of a kubeconfig file, of KUBECONFIG, or of the Pod it runs in.
 * Throws when the configuration can't be read or names no cluster. */
export function kubeClient(options: ClientOptions): KubeClient {
  const config = loadConfig(options)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig names no cluster')
  const { server } = cluster
  const namespace = config.getContextObject(config.currentContext)?.namespace ?? 'default'
  const send = transport(config, { server, timeout: options.timeout ?? 30_000 })
  return restClient(send, { server, namespace })
}

/** Sends requests with the config's credentials over pooled connections: the library itself makes a
 * new connection for every call. The pool is renewed when the credentials' bytes change. */
function transport(
  config: KubeConfig,
  to: { readonly server: string; readonly timeout: number },
): Transport {
  const pools = new Map<string, Agent>()
  const plain = new PlainAgent({ keepAlive: true })
  const server = to.server.replace(/\/$/, '')
  return async (call) => {
    const options: Credentials = { headers: {} }
    try {
      await config.applyToHTTPSOptions(options)
    } catch (error) {
      throw noCredentials(config, error)
    }
    const url = new URL(server + call.path)
    for (const [key, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, value)
    }
    // Through a proxy the library's own agent knows the way.
    const direct = config.getCurrentCluster()?.proxyUrl === undefined
    if (direct) options.agent = url.protocol === 'http:' ? plain : pool(pools, options)
    return exchange(call, { url, options, timeout: to.timeout })
  }
}

function pool(pools: Map<string, Agent>, options: RequestOptions): Agent {
  const { ca, cert, key, rejectUnauthorized, servername } = options
  const credentials = { ca, cert, key, rejectUnauthorized, servername }
  const id = Object.values(credentials).map(String).join('\n')
  const known = pools.get(id)
  if (known !== undefined) return known
  for (const old of pools.values()) old.destroy()
  pools.clear()
  const agent = new Agent({ keepAlive: true, maxSockets: 64, ...credentials })
  pools.set(id, agent)
  return agent
}
