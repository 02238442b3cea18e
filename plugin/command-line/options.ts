import type { Argv } from 'yargs'
import {
  SETTINGS_FLAGS,
  settingsTexts,
  type Flag,
  type SettingsFlag,
} from '../../shared/settings/flags.ts'
import type { KubeClient } from '../../shared/kube/kube-client.ts'
import { milliseconds } from './duration.ts'

/** Which cluster, and which part of it. */
export type ClusterFlags = {
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly namespace: string | undefined
  readonly allNamespaces: boolean
  /** Milliseconds. */
  readonly requestTimeout: number
}

/** An option without a value. */
export const SWITCH = { type: 'boolean', default: false } as const

/** An option with one value; given again, the last counts, as for kubectl. */
export const ONCE = {
  type: 'string',
  requiresArg: true,
  coerce: (value: string | readonly string[]): string | undefined =>
    typeof value === 'string' ? value : value.at(-1),
} as const

/** The server's own flags that shape a plan. */
export function settingsOptions<T>(command: Argv<T>): Argv<T> {
  for (const [flag, { choices, ...rest }] of Object.entries<Flag>(SETTINGS_FLAGS)) {
    command.option(flag, {
      ...rest,
      ...ONCE,
      group: 'As the server is started:',
      ...(choices === undefined ? {} : { choices }),
    })
  }
  return command
}

/** An option that chooses by labels. */
export const SELECTOR = {
  ...ONCE,
  alias: 'l',
} as const

/** The options that say which cluster, and which part of it. */
export function clusterOptions(command: Argv) {
  return command
    .option('namespace', { ...ONCE, alias: 'n', describe: "namespace; else the context's own" })
    .option('all-namespaces', { ...SWITCH, alias: 'A', describe: 'the whole cluster' })
    .option('kubeconfig', { ...ONCE, describe: 'kubeconfig file; else as kubectl finds it' })
    .option('context', { ...ONCE, describe: 'context of the kubeconfig' })
    .option('request-timeout', { ...ONCE, default: '10s', describe: 'for each request' })
}

/** What they say. */
export function clusterFlags(args: {
  readonly namespace: string | undefined
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly 'all-namespaces': boolean
  readonly 'request-timeout': string | undefined
}): ClusterFlags {
  return {
    kubeconfig: args.kubeconfig || undefined,
    context: args.context || undefined,
    namespace: args.namespace || undefined,
    allNamespaces: args['all-namespaces'],
    requestTimeout: milliseconds(args['request-timeout'], 'request-timeout'),
  }
}

/** The namespace to look in, or undefined for all. */
export function namespaceOf(cluster: ClusterFlags, client: KubeClient): string | undefined {
  return cluster.allNamespaces ? undefined : (cluster.namespace ?? client.namespace)
}

/** What they say. */
export function settingsFlags(
  args: Readonly<Record<string, unknown>>,
): Readonly<Record<SettingsFlag, string>> {
  return settingsTexts((flag) => {
    const value = args[flag]
    return typeof value === 'string' ? value : ''
  })
}
