import { existsSync, readFileSync } from 'node:fs'
import { KubeConfig, type Cluster, type User } from '@kubernetes/client-node'
import { isJsonObject, listAt, textAt } from '../json/json.ts'
import { onOneLine } from '../json/trimmed.ts'
import { execInfo, type ExecCluster } from './exec-info.ts'
import { proxyOf, type Environment } from './proxy-of.ts'

/** Where the credentials come from: kubectl's rules when `kubeconfig` is absent. */
export type ConfigOptions = {
  readonly kubeconfig?: string | undefined
  /** The files of a KUBECONFIG variable, where it names any. */
  readonly kubeconfigs?: readonly string[] | undefined
  readonly context?: string | undefined
  /** Of which the proxies are taken; none unless given. */
  readonly env?: Environment | undefined
}

/** The names of the contexts that a kubeconfig has. */
export function contextNames(options: Omit<ConfigOptions, 'context'>): readonly string[] {
  const { kubeconfig, kubeconfigs } = options
  return loadConfig({ kubeconfig, kubeconfigs }).contexts.map(({ name }) => name)
}

/** A kubeconfig as kubectl reads it. Throws when it can't be read, or has no such context. */
export function loadConfig(options: ConfigOptions): KubeConfig {
  const { kubeconfig, kubeconfigs = [], context, env = {} } = options
  const config = kubeconfig === undefined ? loadDefault(kubeconfigs) : loadFile(kubeconfig)
  if (context !== undefined) {
    if (config.getContextObject(context) === null) {
      const known = config.contexts.map(({ name }) => name).join(', ')
      throw new Error(`the kubeconfig has no context ${context}; it has ${known}`)
    }
    config.setCurrentContext(context)
  }
  config.clusters = config.clusters.map((cluster) => asKubectlReaches(cluster, env))
  config.users = config.users.map((user) => asKubectlAsks(user, config))
  return config
}

/** Through the environment's proxy where the cluster names none. One without TLS is as `kubectl proxy` serves
 * it: the library wants to hear that nothing is verified there. */
function asKubectlReaches(cluster: Cluster, env: Environment): Cluster {
  const { server, proxyUrl = proxyOf(server, env) } = cluster
  return {
    ...cluster,
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    skipTLSVerify: cluster.skipTLSVerify || server.startsWith('http:'),
  }
}

/** An exec plugin is told in which version to answer, and of the current cluster where it asks for that. */
function asKubectlAsks(user: User, config: KubeConfig): User {
  const exec: unknown = user.exec
  if (!isJsonObject(exec)) return user
  const cluster = exec['provideClusterInfo'] === true ? config.getCurrentCluster() : null
  const info = execInfo(
    textAt(exec, 'apiVersion') ?? '',
    cluster === null ? undefined : withCa(cluster),
  )
  const env = [...listAt(exec, 'env'), { name: 'KUBERNETES_EXEC_INFO', value: info }]
  return { ...user, exec: { ...exec, env } }
}

function withCa(cluster: Cluster): ExecCluster {
  const { server, tlsServerName, skipTLSVerify, proxyUrl, caFile } = cluster
  const caData =
    cluster.caData ?? (caFile === undefined ? undefined : readFileSync(caFile, 'base64'))
  return { server, tlsServerName, insecure: skipTLSVerify, caData, proxyUrl }
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

/** What is said when the current user's credentials can't be had; with the hint that the kubeconfig has for who
 * lacks the exec plugin. */
export function noCredentials(config: KubeConfig, cause: unknown): Error {
  const exec: unknown = config.getCurrentUser()?.exec
  const [command, hint] = isJsonObject(exec)
    ? [textAt(exec, 'command'), textAt(exec, 'installHint')]
    : []
  const who = command === undefined ? 'the kubeconfig' : `the kubeconfig's ${command}`
  const why = cause instanceof Error ? cause.message : String(cause)
  const words = [
    `${who} gives no credentials: ${why.trim()}`,
    ...(hint === undefined ? [] : [hint.trim()]),
  ]
  return new Error(onOneLine(words.join('; '), '; '), { cause })
}
