import type { KubeClient } from '../shared/kube/kube-client.ts'
import type { Environment } from '../shared/kube/proxy-of.ts'
import type { ClusterFlags, Command } from './command-line/command.ts'
import type { Confirm } from './command-line/confirm.ts'
import type { Terminal } from './command-line/terminal.ts'

export type RunContext = {
  readonly terminal: Terminal
  readonly now: () => Date
  readonly readFile: (name: string) => Promise<string>
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

/** Runs a command and gives its exit code. */
export async function run(command: Command, context: RunContext): Promise<number> {
  return dispatch(command, context)
}

type Commands = { readonly [K in Command['kind']]: Extract<Command, { readonly kind: K }> }
type Runners = {
  readonly [K in keyof Commands]: (command: Commands[K], context: RunContext) => Promise<number>
}

async function dispatch<K extends keyof Commands>(
  command: Commands[K] & { readonly kind: K },
  context: RunContext,
): Promise<number> {
  return RUNNERS[command.kind](command, context)
}

/** What a command needs is imported with it: the client for Kubernetes alone takes longer to load than help
 * takes to print. */
const RUNNERS: Runners = {
  text: async ({ text }, { terminal }) => {
    terminal.out(`${text}\n`)
    return 0
  },
  status: async (command, context) => {
    const { runStatus } = await import('./commands/status/run.ts')
    return runStatus(command, await onCluster(command, context))
  },
  describe: async (command, context) => {
    const { runDescribe } = await import('./commands/describe/run.ts')
    return runDescribe(command, await onCluster(command, context))
  },
  recreate: async (command, context) => {
    const { runRecreate } = await import('./commands/recreate/run.ts')
    return runRecreate(command, await onCluster(command, context))
  },
  renew: async (command, context) => {
    const { runRenew } = await import('./commands/renew/run.ts')
    return runRenew(command, await onCluster(command, context))
  },
  wait: async (command, context) => {
    const { runWait } = await import('./commands/wait/run.ts')
    return runWait(command, await onCluster(command, context))
  },
  issuer: async (command, context) => {
    const { runIssuer } = await import('./commands/issuer/run.ts')
    return runIssuer(command, await onCluster(command, context))
  },
  prune: async (command, context) => {
    const { runPrune } = await import('./commands/prune/run.ts')
    return runPrune(command, await onCluster(command, context))
  },
  verify: async (command, context) => {
    const { runVerify } = await import('./commands/verify/run.ts')
    return runVerify(command, await onCluster(command, context))
  },
  doctor: async (command, context) => {
    const { runDoctor } = await import('./commands/doctor/run.ts')
    return runDoctor(command, await onCluster(command, context))
  },
  plan: async (command, context) => {
    const { runPlan } = await import('./commands/plan/run.ts')
    return runPlan(command, { ...context, client: async (flags) => clientFor(flags, context) })
  },
  version: async (command, context) => {
    const { runVersion } = await import('./commands/version/run.ts')
    return runVersion(command, {
      ...context,
      client: async () => clientFor(command.cluster, context),
    })
  },
  completion: async (command, context) => {
    const { runCompletion } = await import('./commands/completion/run.ts')
    return runCompletion(command, context)
  },
  complete: async (command, context) => {
    const { runComplete } = await import('./commands/complete/run.ts')
    return runComplete(command.words, context)
  },
}

async function onCluster(
  { cluster }: { readonly cluster: ClusterFlags },
  context: RunContext,
): Promise<RunContext & { readonly client: KubeClient }> {
  return { ...context, client: await clientFor(cluster, context) }
}

async function clientFor(
  flags: ClusterFlags,
  { kubeconfigs, env, connect }: RunContext,
): Promise<KubeClient> {
  if (connect !== undefined) return connect(flags)
  const { kubeClient } = await import('../shared/kube/client.ts')
  const { kubeconfig, context, requestTimeout } = flags
  return kubeClient({ kubeconfig, kubeconfigs, context, env, timeout: requestTimeout })
}
