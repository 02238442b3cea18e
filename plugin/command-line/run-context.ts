import type { KubeClient } from '../../shared/kube/kube-client.ts'
import type { Environment } from '../../shared/kube/proxy-of.ts'
import type { Confirm } from './confirm.ts'
import type { ClusterFlags } from './options.ts'
import type { Terminal } from './terminal.ts'

/** What every command is run with. */
export type RunContext = {
  readonly terminal: Terminal
  readonly now: () => Date
  /** A file's text; `-` is standard input. */
  readonly readFile: (name: string) => Promise<string>
  /** Ends what follows. */
  readonly signal: AbortSignal
  /** Asks the user; undefined where nobody sits at a terminal. */
  readonly confirm?: Confirm | undefined
  /** Whom to ask instead of the cluster that the flags name. */
  readonly connect?: (flags: ClusterFlags) => Promise<KubeClient>
  /** The files that KUBECONFIG names. */
  readonly kubeconfigs?: readonly string[]
  /** Of which the proxies are taken. */
  readonly env?: Environment
  /** The folders of PATH. */
  readonly path?: readonly string[]
  /** The user's shell. */
  readonly shell?: string
}

/** What a command that asks the cluster is run with. */
export type ClusterContext = Pick<RunContext, 'terminal' | 'now' | 'signal' | 'confirm'> & {
  readonly client: KubeClient
}

/** A client for the cluster that the flags name. Its library is imported only now: it takes longer to load than help
 * takes to print. */
export async function connectTo(
  flags: ClusterFlags,
  { kubeconfigs, env, connect }: Pick<RunContext, 'kubeconfigs' | 'env' | 'connect'>,
): Promise<KubeClient> {
  if (connect !== undefined) return connect(flags)
  const { kubeClient } = await import('../../shared/kube/client.ts')
  const { kubeconfig, context, requestTimeout } = flags
  return kubeClient({ kubeconfig, kubeconfigs, context, env, timeout: requestTimeout })
}
