import { existsSync } from 'node:fs'
import { Agent as PlainAgent } from 'node:http'
import { Agent, type RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { KubeClient } from './kube-client.ts'
import { restClient } from './rest-client.ts'
import { exchange, type Credentials, type Transport } from './transport.ts'

/** Where the credentials come from: kubectl's rules when `kubeconfig` is absent. */
export type ClientOptions = {
  readonly kubeconfig?: string | undefined
  /** The files of a KUBECONFIG variable, where it names any. */
  readonly kubeconfigs?: readonly string[] | undefined
  readonly context?: string | undefined
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

/** The names of the contexts that a kubeconfig has. */
export function contextNames(options: Omit<ClientOptions, 'context'>): readonly string[] {
  const { kubeconfig, kubeconfigs } = options
  return loadConfig({ kubeconfig, kubeconfigs }).contexts.map(({ name }) => name)
}

function loadConfig(options: ClientOptions): KubeConfig {
  const { kubeconfig, kubeconfigs = [], context } = options
  const config = kubeconfig === undefined ? loadDefault(kubeconfigs) : loadFile(kubeconfig)
  if (context !== undefined) {
    if (config.getContextObject(context) === null) {
      const known = config.contexts.map(({ name }) => name).join(', ')
      throw new Error(`the kubeconfig has no context ${context}; it has ${known}`)
    }
    config.setCurrentContext(context)
  }
  // As `kubectl proxy` serves it: the library wants to hear that nothing is verified there.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  )
  return config
}

function loadDefault(kubeconfigs: readonly string[]): KubeConfig {
  if (kubeconfigs.length > 0) return loadFiles(kubeconfigs)
  const config = new KubeConfig()
  config.loadFromDefault()
  // What the library makes up when it finds nothing.
  if (config.getCurrentCluster()?.server === 'http://localhost:8080') {
    throw new Error('no kubeconfig found: set KUBECONFIG, or say --kubeconfig FILE')
  }
  return config
}

function loadFile(path: string): KubeConfig {
  const config = new KubeConfig()
  try {
    config.loadFromFile(path)
  } catch (cause) {
    const [why] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
    throw new Error(`the kubeconfig ${path} cannot be read: ${why}`, { cause })
  }
  return config
}

/** As kubectl merges files, and the library does not: one that is missing is passed over, and the first
 * to name a cluster, a user, a context or the current context is heard. */
function loadFiles(paths: readonly string[]): KubeConfig {
  const parts = paths.filter((path) => existsSync(path)).map(loadFile)
  if (parts.length === 0) {
    throw new Error(`none of the files in KUBECONFIG exists: ${paths.join(', ')}`)
  }
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: firstOfEachName(parts.flatMap(({ clusters }) => clusters)),
    users: firstOfEachName(parts.flatMap(({ users }) => users)),
    contexts: firstOfEachName(parts.flatMap(({ contexts }) => contexts)),
    currentContext: parts.map(({ currentContext }) => currentContext).find(Boolean) ?? '',
  })
  return config
}

function firstOfEachName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.toReversed().map((item) => [item.name, item])).values()].toReversed()
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
    await config.applyToHTTPSOptions(options)
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
